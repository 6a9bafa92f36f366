using BenchmarkDotNet.Attributes;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Benchmarks;

/// <summary>Each kernel at each size of the models, against the library operations it stands for; forward, in inference mode.</summary>
/// <remarks>
/// In this process: libtorch is loaded once, and the generated projects of BenchmarkDotNet's default would each carry a copy of it.
/// Threads: HQTRACK_BENCH_THREADS, else every core.
/// </remarks>
[InProcess]
public class KernelBenchmarks
{
    private const int Width = 849;
    private const int Height = 481;
    private const int Seed = 1;

    private KernelCase kernel = null!;
    private Tensor[] inputs = [];

    /// <summary>The case, by kernel and place.</summary>
    [ParamsSource(nameof(Names))]
    public string Case { get; set; } = string.Empty;

    /// <summary>All cases whose reference fits this machine's memory.</summary>
    public static IEnumerable<string> Names => KernelCases.All(Width, Height).Where(KernelBenchmark.CanRunReference).Select(NameOf);

    [GlobalSetup]
    public void Setup()
    {
        NativeRuntime.EnsureLoaded();
        if (int.TryParse(Environment.GetEnvironmentVariable("HQTRACK_BENCH_THREADS"), out var threads))
        {
            set_num_threads(threads);
        }

        kernel = KernelCases.All(Width, Height).Single(entry => NameOf(entry) == Case);
        using var generator = new Generator(Seed);
        using var scope = NewDisposeScope();
        inputs = [.. kernel.Inputs(generator).Select(input => input.DetachFromDisposeScope())];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (var input in inputs)
        {
            input.Dispose();
        }
    }

    [Benchmark(Baseline = true)]
    public void Composed() => Run(kernel.Reference);

    [Benchmark]
    public void Own() => Run(kernel.Own);

    private static string NameOf(KernelCase entry) => $"{entry.Kernel}, {entry.Name}";

    private void Run(Func<Tensor[], Tensor> work)
    {
        using var mode = inference_mode();
        work(inputs).Dispose();
    }
}
