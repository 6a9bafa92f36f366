using System.CommandLine;
using System.Globalization;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Ops.Simd;
using HqTrack.Runtime;
using TorchSharp;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack bench kernels: the project's own kernels against the library operations they stand for.</summary>
internal sealed class BenchKernelsCommand
{
    private static readonly FrameSize WarmUpSize = new(97, 65);

    private readonly Option<FrameSize> size = Opt.Size("--size", "Size of the network's input", new(849, 481));
    private readonly Option<int?> repeats = Opt.Integer("--repeats", "Timed runs of each reference [default: 5]", 1);
    private readonly Option<int?> threads = Opt.Integer("--threads", "Threads of the tensor library [default: every core]", 1);
    private readonly Option<bool> noMemory = new("--no-memory") { Description = "Leave out the memory, which takes two processes a shape" };
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();

    // Peak memory needs a process of its own for each run: this command starts itself with a case's number and which side to run.
    private readonly Option<int?> probe = Hidden(Opt.Integer("--probe-memory", "Case whose memory is measured", 0));
    private readonly Option<bool> reference = Hidden(new Option<bool>("--probe-reference"));
    private readonly Terminal terminal;

    private BenchKernelsCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var kernels = new BenchKernelsCommand(terminal);
        var command = new Command("kernels", "Speed and memory of the own kernels against composed library operations")
        {
            kernels.size, kernels.repeats, kernels.threads, kernels.noMemory, kernels.quiet, kernels.json, kernels.probe, kernels.reference,
        };
        command.SetAction(kernels.RunAsync);
        return command;
    }

    private static Option<T> Hidden<T>(Option<T> option)
    {
        option.Hidden = true;
        return option;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        NativeRuntime.EnsureLoaded();
        if (parsed.GetValue(threads) is { } count)
        {
            torch.set_num_threads(count);
        }

        var (width, height) = parsed.GetRequiredValue(size);
        var cases = KernelCases.All(width, height);
        if (parsed.GetValue(probe) is { } index)
        {
            var warmUp = KernelCases.All(WarmUpSize.Width, WarmUpSize.Height)[index];
            terminal.Out.WriteLine(KernelBenchmark.ExtraMegabytes(cases[index], warmUp, parsed.GetValue(reference)).ToString("R", CultureInfo.InvariantCulture));
            return ExitCode.Ok;
        }

        var shapes = new List<(string Kernel, KernelShapeReport Shape)>();
        for (var i = 0; i < cases.Count; i++)
        {
            if (!parsed.GetValue(quiet))
            {
                terminal.Error.WriteLine($"{cases[i].Kernel}, {cases[i].Name} ({i + 1} of {cases.Count})");
            }

            shapes.Add((cases[i].Kernel, await MeasureAsync(cases[i], i, parsed, cancellation).ConfigureAwait(false)));
        }

        KernelReport Of(string kernel) => KernelReport.Of([.. shapes.Where(entry => entry.Kernel == kernel).Select(entry => entry.Shape)]);
        Report(parsed, new(torch.get_num_threads(), VectorWidths.Best.ToString(), Of("dcnv3"), Of("local_attention"), Of("attention"), Of("inverted_bottleneck")));
        return ExitCode.Ok;
    }

    private async Task<KernelShapeReport> MeasureAsync(KernelCase kernel, int index, ParseResult parsed, CancellationToken cancellation)
    {
        var (width, height) = parsed.GetRequiredValue(size);
        async Task<double> MemoryAsync(bool isReference)
        {
            string[] args =
            [
                "bench", "kernels", "--size", $"{width}x{height}", "--threads", $"{torch.get_num_threads()}", "--probe-memory", $"{index}",
                .. isReference ? ["--probe-reference"] : Array.Empty<string>(),
            ];
            var line = await OwnProcess.RunAsync(args, cancellation).ConfigureAwait(false);
            return double.Parse(line, CultureInfo.InvariantCulture);
        }

        double? ratio = null;
        if (!parsed.GetValue(noMemory) && OperatingSystem.IsLinux() && KernelBenchmark.CanRunReference(kernel))
        {
            var own = await MemoryAsync(isReference: false).ConfigureAwait(false);
            ratio = own / await MemoryAsync(isReference: true).ConfigureAwait(false);
        }

        var timing = KernelBenchmark.Time(kernel, parsed.GetValue(repeats) ?? 5, cancellation);
        return new(
            kernel.Name, kernel.Shape, timing.Ms, timing.ReferenceMs, timing.ReferenceMs / timing.Ms, ratio, kernel.Flops / timing.Ms / 1e6, timing.MaxDifference);
    }

    private void Report(ParseResult parsed, KernelsReport report)
    {
        if (parsed.GetValue(json))
        {
            terminal.WriteJson(report);
            return;
        }

        static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
        terminal.WriteTable(
            ["kernel", "where", "shape", "ms", "reference ms", "speedup", "memory ratio", "GFLOP/s"],
            from entry in new[] { ("dcnv3", report.Dcnv3), ("local_attention", report.LocalAttention), ("attention", report.Attention), ("inverted_bottleneck", report.InvertedBottleneck) }
            from shape in entry.Item2.Shapes
            select (IReadOnlyList<string>)
            [
                entry.Item1, shape.Name, shape.Shape, Text(shape.Ms, "0.00"), Text(shape.ReferenceMs, "0.0"), Text(shape.Speedup, "0.0"),
                Text(shape.ExtraMemoryRatio, "0.000"), Text(shape.Gflops, "0.0"),
            ]);
    }
}

/// <summary>bench kernels --json.</summary>
/// <param name="Threads">Threads of the tensor library and of the kernels.</param>
/// <param name="VectorWidth">Widest vectors that the kernels use here.</param>
/// <param name="Dcnv3">Deformable convolution v3 against grid_sample over its sampling grid.</param>
/// <param name="LocalAttention">Windowed attention against its unfold formulation.</param>
/// <param name="Attention">Attention to six memory frames in blocks against three library operations.</param>
/// <param name="InvertedBottleneck">MobileNetV2's block against the library's operations one after the other.</param>
internal sealed record KernelsReport(int Threads, string VectorWidth, KernelReport Dcnv3, KernelReport LocalAttention, KernelReport Attention, KernelReport InvertedBottleneck);

/// <summary>One kernel.</summary>
/// <param name="Speedup">Mean over the shapes whose reference ran.</param>
/// <param name="ExtraMemoryRatio">Largest of the shapes'.</param>
/// <param name="Shapes">Each shape.</param>
internal sealed record KernelReport(double? Speedup, double? ExtraMemoryRatio, IReadOnlyList<KernelShapeReport> Shapes)
{
    public static KernelReport Of(IReadOnlyList<KernelShapeReport> shapes) =>
        new(shapes.Average(shape => shape.Speedup), shapes.Max(shape => shape.ExtraMemoryRatio), shapes);
}

/// <summary>One kernel at one size.</summary>
/// <param name="Name">Where it stands in which model.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="Ms">Median time.</param>
/// <param name="ReferenceMs">Median time of the composed library operations; null where they do not fit this machine's memory.</param>
/// <param name="Speedup">ReferenceMs / Ms.</param>
/// <param name="ExtraMemoryRatio">Peak memory beyond inputs and output over the reference's, each in a process of its own; null where it cannot be measured.</param>
/// <param name="Gflops">Billions of the definition's floating-point operations per second.</param>
/// <param name="MaxDifference">Largest difference of the results.</param>
internal sealed record KernelShapeReport(
    string Name, string Shape, double Ms, double? ReferenceMs, double? Speedup, double? ExtraMemoryRatio, double Gflops, double? MaxDifference);
