using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Prompts;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack eval boxes, eval clicks: masks of a refiner from simulated prompts, against the truth.</summary>
internal sealed class EvalPromptsCommand
{
    private const int Clicks = 3;

    private readonly Option<string> root = new("--root") { Description = "The dataset: the folder above JPEGImages and Annotations", HelpName = "DIR", Required = true };
    private readonly Option<string> set = new("--set") { Description = "A list of ImageSets [default: val, or every sequence where there are no lists]", HelpName = "NAME" };
    private readonly Option<int?> every = Opt.Integer("--every", "Every n-th annotated frame [default: 5]", 1);
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly SamOptions sam;
    private readonly Terminal terminal;
    private readonly int rounds;

    private EvalPromptsCommand(Terminal terminal, Command command, int rounds)
    {
        (this.terminal, this.rounds) = (terminal, rounds);
        foreach (var option in (Option[])[root, set, every])
        {
            command.Options.Add(option);
        }

        sam = new SamOptions(command);
        command.Options.Add(quiet);
        command.Options.Add(json);
        command.SetAction(RunAsync);
    }

    /// <summary>eval boxes.</summary>
    public static Command CreateBoxes(Terminal terminal)
    {
        var command = new Command("boxes", "IoU of a refiner's masks from the true boxes");
        _ = new EvalPromptsCommand(terminal, command, rounds: 0);
        return command;
    }

    /// <summary>eval clicks.</summary>
    public static Command CreateClicks(Terminal terminal)
    {
        var command = new Command("clicks", $"IoU of a refiner's masks after 1 to {Clicks} clicks, each of which corrects the mask before");
        _ = new EvalPromptsCommand(terminal, command, Clicks);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var shared = sam.Options(parsed);
        var options = new PromptEvaluationOptions
        {
            Refiner = sam.Name(parsed),
            WeightsPath = shared.RefinerWeightsPath,
            Device = shared.Device,
            Threads = shared.Threads,
            Rounds = rounds,
            Every = parsed.GetValue(every) ?? 5,
        };
        var dataset = DavisDataset.Open(parsed.GetRequiredValue(root), parsed.GetValue(set));
        var scores = await FrameProgress.RunAsync(terminal, parsed.GetValue(quiet), "frames", null, advance =>
            Task.Run(() => PromptEvaluation.Run(options, dataset, new Each(() => advance()), cancellation), cancellation)).ConfigureAwait(false);
        if (parsed.GetValue(json))
        {
            terminal.WriteJson(PromptReport.Of(options.Refiner, dataset, rounds, scores));
            return ExitCode.Ok;
        }

        string[] columns = rounds == 0 ? ["BOX"] : [.. Enumerable.Range(1, rounds).Select(click => click == 1 ? "1 CLICK" : $"{click} CLICKS")];
        static string[] Row(string name, IReadOnlyList<double> values) => [name, .. values.Select(value => $"{value:0.000}")];
        terminal.WriteTable(["CLIP", .. columns], scores.Clips.Select(clip => Row(clip.Name, clip.Iou)).Append(Row("all", scores.MeanIou)));
        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"{scores.Answers} objects; predicted and measured IoU correlate by {scores.Correlation ?? 0:0.00}");
        foreach (var bin in scores.Reliability)
        {
            terminal.Out.WriteLine($"predicted {bin.Predicted:0.00}: measured {bin.Measured:0.00} ({bin.Count})");
        }

        return ExitCode.Ok;
    }

    private sealed class Each(Action advance) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => advance();
    }
}
