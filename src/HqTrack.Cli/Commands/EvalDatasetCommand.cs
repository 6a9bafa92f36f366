using System.CommandLine;
using System.Text;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Experiments;
using HqTrack.Evaluation.Reports;
using HqTrack.Evaluation.Tracking;
using HqTrack.Media;

namespace HqTrack.Cli.Commands;

/// <summary>eval davis, ytvos, lvos and vots: what is the same for all of them.</summary>
internal sealed class EvalDatasetCommand
{
    private readonly EvalDatasetOptions dataset;
    private readonly Option<string> results = new("--results") { Description = "Score these results instead of tracking", HelpName = "DIR" };
    private readonly Option<string> output = new("--output", "-o") { Description = "Folder for the masks in the official layout, the official tables, results.json and report.html", HelpName = "DIR" };
    private readonly Option<bool> resume = new("--resume") { Description = "Take sequences whose results are all there from the last run" };
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly Terminal terminal;

    private EvalDatasetCommand(Terminal terminal, EvalDatasetOptions dataset) => (this.terminal, this.dataset) = (terminal, dataset);

    /// <summary>Makes the command of one kind of dataset.</summary>
    public static Command Create(Terminal terminal, EvalDatasetOptions dataset)
    {
        var eval = new EvalDatasetCommand(terminal, dataset);
        var command = new Command(dataset.Name, dataset.Description) { eval.results, eval.output, eval.resume };
        dataset.AddTo(command);
        var model = new ModelOptions(command);
        command.Options.Add(eval.quiet);
        command.Options.Add(eval.json);
        command.SetAction((parsed, cancellation) => eval.RunAsync(parsed, model, cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, ModelOptions model, CancellationToken cancellation)
    {
        var folder = parsed.GetValue(output);
        if (parsed.GetValue(resume) && folder is null && dataset.NeedsOutputToResume)
        {
            throw new UsageException("--resume needs --output: the folder with the masks of the run to go on with.");
        }

        var experiment = dataset.Open(parsed, folder, parsed.GetValue(resume));
        if (folder is not null)
        {
            AtomicFile.CreateFolder(folder); // before the work, which would be lost otherwise
        }

        if (parsed.GetValue(results) is { } existing)
        {
            if (dataset.Tracking.Append(resume).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } extra)
            {
                throw new UsageException($"{extra.Name} does not go with --results, which scores what is there; leave one of them out.");
            }

            var scored = await FrameProgress.RunAsync(terminal, parsed.GetValue(quiet), "scoring", null, advance =>
                Task.FromResult(experiment.Score(existing, new EvaluationSteps(advance), cancellation))).ConfigureAwait(false);
            Report(parsed, experiment, scored, null, folder, existing);
            return ExitCode.Ok;
        }

        using var tracker = model.Load(parsed);
        var result = await FrameProgress.RunAsync(terminal, parsed.GetValue(quiet), "tracking", experiment.Frames, advance =>
            experiment.TrackAsync(new SessionTracker(tracker.StartSession), new EvaluationSteps(advance), cancellation)).ConfigureAwait(false);
        Report(parsed, experiment, result, tracker.Model, folder, dataset.NeedsOutputToResume ? folder : experiment.Root);
        return ExitCode.Ok;
    }

    private void Report(ParseResult parsed, IExperiment experiment, ExperimentResult result, string? model, string? folder, string? pictures)
    {
        var document = EvalReport.Of(experiment, result, model);
        if (folder is not null)
        {
            foreach (var (name, text) in result.Files)
            {
                AtomicFile.Write(Path.Combine(folder, name), Encoding.UTF8.GetBytes(text));
            }

            AtomicFile.Write(Path.Combine(folder, "results.json"), Encoding.UTF8.GetBytes(Json.Serialize(document) + "\n"));
            EvaluationPage.Make(experiment, result, model ?? "results", pictures).Save(Path.Combine(folder, "report.html"));
        }

        if (parsed.GetValue(json))
        {
            terminal.WriteJson(document);
            return;
        }

        if (result.Sequences.Count == 0)
        {
            terminal.Out.WriteLine("the set's annotation is not public: masks are written, nothing is scored");
            return;
        }

        var names = result.Sequences[0].Scores.Select(score => score.Key).ToArray();
        terminal.WriteTable(["SEQUENCE", "OBJECTS", .. names.Select(EvalReport.Label)], result.Sequences
            .Select(sequence => (string[])[sequence.Name, $"{sequence.Curves.Count}", .. sequence.Scores.Select(score => EvalReport.Number(score.Value))])
            .Append(["all", $"{result.Objects}", .. names.Select(name => EvalReport.Number(result.Total(name)))]));
        terminal.Out.WriteLine();
        terminal.Out.WriteLine(string.Join(", ", result.Totals.Where(total => !names.Contains(total.Key)).Select(total => $"{EvalReport.Label(total.Key)} {EvalReport.Number(total.Value)}")
            .Append($"quality (AUC) {EvalReport.Number(result.Quality)}")));
        if (result.FramesPerSecond is { } fps)
        {
            terminal.Out.WriteLine($"{fps:0.0} frames/s, peak memory {result.PeakMemoryMb:0} MB");
        }

        if (folder is not null)
        {
            terminal.Out.WriteLine($"report: {Path.Combine(folder, "report.html")}");
        }
    }
}
