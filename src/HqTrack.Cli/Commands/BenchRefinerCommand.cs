using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Refiner;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack bench refiner: the image encoder of a mask refiner against its products alone, and its decoder with 1 and 10 boxes.</summary>
internal sealed class BenchRefinerCommand
{
    private static readonly RefinerBenchmarkOptions Defaults = new() { Refiner = "sam-lite" };

    private readonly Option<string> refiner = Opt.Choice("--refiner", "The mask refiner", "NAME", [.. RefinerModel.Names.Skip(1)], Defaults.Refiner);
    private readonly Option<string> weights = new("--weights") { Description = "File with its weights [default: imported ones, else seeded random ones]", HelpName = "FILE" };
    private readonly Option<FrameSize> size = Opt.Size("--size", "Size of the frame", new(Defaults.Width, Defaults.Height));
    private readonly Option<int?> repeat = Opt.Integer("--repeat", $"Rounds to measure [default: {Defaults.Repeat}]", 1);
    private readonly Option<int?> threads = Opt.Integer("--threads", "Threads of the tensor library [default: every core]", 1);
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly Terminal terminal;

    private BenchRefinerCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var bench = new BenchRefinerCommand(terminal);
        var command = new Command("refiner", "Time and memory of a mask refiner, and how near its image encoder is to its convolutions and matrix products alone")
        {
            bench.refiner, bench.weights, bench.size, bench.repeat, bench.threads, bench.quiet, bench.json,
        };
        command.SetAction((parsed, cancellation) => bench.RunAsync(parsed, cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (width, height) = parsed.GetRequiredValue(size);
        var options = new RefinerBenchmarkOptions
        {
            Refiner = parsed.GetRequiredValue(refiner),
            WeightsPath = parsed.GetValue(weights),
            Width = width,
            Height = height,
            Repeat = parsed.GetValue(repeat) ?? Defaults.Repeat,
            Threads = parsed.GetValue(threads),
        };
        var result = await FrameProgress.RunAsync(terminal, parsed.GetValue(quiet), "measuring", options.Repeat, advance =>
            Task.Run(() => RefinerBenchmark.Run(options, new Each(() => advance()), cancellation), cancellation)).ConfigureAwait(false);
        if (parsed.GetValue(json))
        {
            terminal.WriteJson(result);
            return ExitCode.Ok;
        }

        terminal.WriteFacts(
        [
            ("refiner", $"{result.Refiner} ({result.Weights} weights), image {result.ImageSize}, {result.Threads} threads"),
            ("encoder", $"{result.EncoderMs:0} ms"),
            ("floor", $"{result.FloorMs:0} ms for {result.FloorGflop:0} GFLOP of convolutions and matrix products"),
            ("ratio", $"{result.Ratio:0.00}"),
            ("decoder", $"{result.DecoderMs1:0} ms for 1 box, {result.DecoderMs10:0} ms for 10; a frame with 10 takes {result.TenOverOne:0.00} times one with 1"),
            ("peak memory", $"{result.PeakMemoryMb:0} MB"),
        ]);
        return ExitCode.Ok;
    }

    private sealed class Each(Action advance) : IProgress<int>
    {
        public void Report(int value) => advance();
    }
}
