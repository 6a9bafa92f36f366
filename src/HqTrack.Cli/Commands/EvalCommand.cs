using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Davis;
using HqTrack.Evaluation.Tracking;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack eval davis: tracks a dataset and scores it as the official program does, or scores masks that are there.</summary>
internal sealed class EvalCommand
{
    private readonly Option<string> root = new("--root") { Description = "The dataset: the folder above JPEGImages and Annotations", HelpName = "DIR", Required = true };
    private readonly Option<string> set = new("--set") { Description = "A list of ImageSets [default: val, or every sequence where there are no lists]", HelpName = "NAME" };
    private readonly Option<string> sequences = new("--sequences") { Description = "Only these, separated by commas", HelpName = "NAMES" };
    private readonly Option<string> results = new("--results") { Description = "Score these masks (DIR/SEQUENCE/NNNNN.png) instead of tracking", HelpName = "DIR" };
    private readonly Option<string> output = new("--output", "-o") { Description = "Folder for the masks, in the official layout", HelpName = "DIR" };
    private readonly Option<bool> resume = new("--resume") { Description = "Take sequences whose masks are all in the output folder from there" };
    private readonly Option<int?> maxFrames = Opt.Integer("--max-frames", "Most frames of a sequence, for a quick look", 3);
    private readonly Option<int?> every = Opt.Integer("--every", "Track every n-th frame only, for a quick look", 1);
    private readonly Option<bool> parity = new("--parity") { Description = "Reproduce the official program's decay beyond 256 frames" };
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly Terminal terminal;

    private EvalCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var eval = new EvalCommand(terminal);
        var davis = new Command("davis", "J, F and J&F of a dataset in the layout of DAVIS")
        {
            eval.root, eval.set, eval.sequences, eval.results, eval.output, eval.resume, eval.maxFrames, eval.every, eval.parity,
        };
        var model = new ModelOptions(davis);
        davis.Options.Add(eval.quiet);
        davis.Options.Add(eval.json);
        davis.SetAction((parsed, cancellation) => eval.RunAsync(parsed, model, cancellation));
        return new Command("eval", "Score a tracker on a dataset") { davis };
    }

    private async Task<int> RunAsync(ParseResult parsed, ModelOptions model, CancellationToken cancellation)
    {
        if (parsed.GetValue(resume) && parsed.GetValue(output) is null)
        {
            throw new UsageException("--resume needs --output: the folder with the masks of the run to go on with.");
        }

        var dataset = DavisDataset.Open(parsed.GetRequiredValue(root), parsed.GetValue(set));
        Report(parsed, parsed.GetValue(results) is { } folder ? ScoreResults(parsed, dataset, folder, cancellation) : await TrackAsync(parsed, dataset, model, cancellation).ConfigureAwait(false));
        return ExitCode.Ok;
    }

    private EvalReport ScoreResults(ParseResult parsed, DavisDataset dataset, string folder, CancellationToken cancellation)
    {
        Option?[] tracking = [sequences, output, resume, maxFrames, every];
        if (tracking.FirstOrDefault(option => parsed.GetResult(option!) is { Implicit: false }) is { } extra)
        {
            throw new UsageException($"{extra.Name} does not go with --results, which scores every mask of the set as it is; leave one of them out.");
        }

        return EvalReport.Of(null, dataset, DavisResults.Score(dataset, folder, parsed.GetValue(parity), cancellationToken: cancellation), null, null);
    }

    private async Task<EvalReport> TrackAsync(ParseResult parsed, DavisDataset dataset, ModelOptions model, CancellationToken cancellation)
    {
        var options = new DavisEvaluationOptions
        {
            OutputFolder = parsed.GetValue(output),
            Resume = parsed.GetValue(resume),
            MaxFrames = parsed.GetValue(maxFrames),
            Every = parsed.GetValue(every) ?? 1,
            Sequences = parsed.GetValue(sequences)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            Parity = parsed.GetValue(parity),
        };
        using var tracker = model.Load(parsed);
        var report = await FrameProgress.RunAsync(terminal, parsed.GetValue(quiet), "tracking", null, advance =>
            new DavisEvaluation(tracker, options).RunAsync(dataset, new FrameByFrame(advance), cancellation)).ConfigureAwait(false);
        return EvalReport.Of(tracker.Model, dataset, report.Scores, report.FramesPerSecond, report.PeakMemoryMb);
    }

    private void Report(ParseResult parsed, EvalReport report)
    {
        if (parsed.GetValue(json))
        {
            terminal.WriteJson(report);
            return;
        }

        terminal.WriteTable(["SEQUENCE", "OBJECTS", "J&F", "J", "F"], report.Sequences
            .Select(sequence => (string[])[sequence.Name, $"{sequence.Objects}", $"{sequence.JAndF:0.000}", $"{sequence.J:0.000}", $"{sequence.F:0.000}"])
            .Append(["all", $"{report.Objects}", $"{report.JAndF:0.000}", $"{report.J:0.000}", $"{report.F:0.000}"]));
        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"recall J {report.JRecall:0.000}, F {report.FRecall:0.000}; decay J {report.JDecay:0.000}, F {report.FDecay:0.000}");
        if (report.Fps is { } fps)
        {
            terminal.Out.WriteLine($"{fps:0.0} frames/s, peak memory {report.PeakMemoryMb:0} MB");
        }
    }

    // Turns "frame 7 of sequence x" into frames since the last call; unlike Progress<T>, in order and on the caller's thread.
    private sealed class FrameByFrame(Advance advance) : IProgress<EvaluationProgress>
    {
        private int last;

        public void Report(EvaluationProgress value)
        {
            if (value.Frame > last)
            {
                advance(value.Frame - last, $"{value.Sequence} ({value.Finished + 1} of {value.Sequences})");
            }

            last = value.Frame;
        }
    }
}
