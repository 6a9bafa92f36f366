using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Vmos;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack bench frame: one frame of a multi-scale model against its convolutions and matrix products alone.</summary>
internal sealed class BenchFrameCommand
{
    private static readonly FrameBenchmarkOptions Defaults = new() { Model = VmosConfig.HqTrack.Name };

    private readonly Option<string> model = Opt.Choice(
        "--model", "The segmenter", "NAME", [.. VmosConfig.All.Where(config => config.FineDims is not null).Select(config => config.Name)], Defaults.Model);

    private readonly Option<string> weights = new("--weights") { Description = "File with the model's weights [default: imported ones, else seeded random ones]", HelpName = "FILE" };
    private readonly Option<FrameSize> size = Opt.Size("--size", "Size of the frames", new(Defaults.Width, Defaults.Height));
    private readonly Option<int?> memory = Opt.Integer("--memory", $"Frames in the long-term memory [default: {Defaults.Memory}]", 1, 64);
    private readonly Option<int?> objects = Opt.Integer("--objects", $"Objects to track [default: {Defaults.Objects}]", 1, 10);
    private readonly Option<int?> repeat = Opt.Integer("--repeat", $"Frames to measure [default: {Defaults.Repeat}]", 1);
    private readonly Option<int?> threads = Opt.Integer("--threads", "Threads of the tensor library [default: every core]", 1);
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly Terminal terminal;

    private BenchFrameCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var bench = new BenchFrameCommand(terminal);
        var command = new Command("frame", "Time and memory of one frame of a multi-scale model, and how near it is to its convolutions and matrix products alone")
        {
            bench.model, bench.weights, bench.size, bench.memory, bench.objects, bench.repeat, bench.threads, bench.quiet, bench.json,
        };
        command.SetAction((parsed, cancellation) => bench.RunAsync(parsed, cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (width, height) = parsed.GetRequiredValue(size);
        var options = new FrameBenchmarkOptions
        {
            Model = parsed.GetRequiredValue(model),
            WeightsPath = parsed.GetValue(weights),
            Width = width,
            Height = height,
            Memory = parsed.GetValue(memory) ?? Defaults.Memory,
            Objects = parsed.GetValue(objects) ?? Defaults.Objects,
            Repeat = parsed.GetValue(repeat) ?? Defaults.Repeat,
            Threads = parsed.GetValue(threads),
        };
        var steps = Math.Max(options.Memory, 2) + (2 * options.Repeat);
        var result = await FrameProgress.RunAsync(terminal, parsed.GetValue(quiet), "measuring", steps, advance =>
            Task.Run(() => FrameBenchmark.Run(options, new Each(() => advance()), cancellation), cancellation)).ConfigureAwait(false);
        if (parsed.GetValue(json))
        {
            terminal.WriteJson(result);
            return ExitCode.Ok;
        }

        terminal.WriteFacts(
        [
            ("model", $"{result.Model} ({result.Weights} weights), {result.Objects} objects, {result.Width}x{result.Height}, {result.Memory} frames in memory, {result.Threads} threads"),
            ("frame", $"{result.FrameMs:0} ms"),
            ("floor", $"{result.FloorMs:0} ms for {result.FloorGflop:0} GFLOP of convolutions and matrix products"),
            ("ratio", $"{result.Ratio:0.00}"),
            ("peak memory", $"{result.PeakMemoryMb:0} MB"),
            ("stages", string.Join(", ", result.Stages.Select(stage => $"{stage.Key} {stage.Value:0} ms"))),
        ]);
        return ExitCode.Ok;
    }

    private sealed class Each(Action advance) : IProgress<int>
    {
        public void Report(int value) => advance();
    }
}
