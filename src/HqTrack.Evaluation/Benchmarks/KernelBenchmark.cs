using System.Diagnostics;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>Time and memory of this project's kernels against the library operations they stand for, in inference mode.</summary>
internal static class KernelBenchmark
{
    /// <summary>Largest share of the machine's memory that a reference may need.</summary>
    private const double MaxShare = 0.6;

    private const int Seed = 1;
    private const int MinRuns = 15; // of the kernel
    private const double BudgetMs = 15_000; // for the timed runs of one case; the first always counts

    /// <summary>Whether the reference of a case fits this machine's memory.</summary>
    public static bool CanRunReference(KernelCase kernel) => kernel.ReferenceBytes < MaxShare * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>
    /// Times the kernel and its reference in turn, so that what else the machine does meets both, and compares their results.
    /// </summary>
    /// <param name="kernel">The case.</param>
    /// <param name="repeats">Timed runs of the reference, fewer where they take more than 15 s together; the kernel runs at least three times as often.</param>
    /// <param name="cancellationToken">Ends the measurement between two runs.</param>
    public static KernelTiming Time(KernelCase kernel, int repeats, CancellationToken cancellationToken = default)
    {
        NativeRuntime.EnsureLoaded();
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var generator = new Generator(Seed);
        var inputs = kernel.Inputs(generator);
        List<double> own = [], reference = [];
        var difference = Compare(kernel, inputs); // both have run once now
        var withReference = CanRunReference(kernel);
        for (var i = 0; i < repeats && own.Sum() + reference.Sum() < BudgetMs; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                own.Add(Run(() => kernel.Own(inputs)));
            }

            if (withReference)
            {
                cancellationToken.ThrowIfCancellationRequested();
                reference.Add(Run(() => kernel.Reference(inputs)));
            }
        }

        while (own.Count < MinRuns && own.Sum() < BudgetMs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            own.Add(Run(() => kernel.Own(inputs)));
        }

        return new(Median(own), withReference ? Median(reference) : null, difference);
    }

    /// <summary>
    /// Peak memory of one run beyond its inputs and output, in MB of 2^20 bytes, as Linux counts resident pages. Meant for a process of its own:
    /// memory that earlier work left to the allocator would hide it.
    /// </summary>
    /// <param name="kernel">The case.</param>
    /// <param name="warmUp">The same kernel at a small size, run before so that code and threads do not count.</param>
    /// <param name="isReference">Measure the reference.</param>
    public static double ExtraMegabytes(KernelCase kernel, KernelCase warmUp, bool isReference)
    {
        NativeRuntime.EnsureLoaded();
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var generator = new Generator(Seed);
        Func<Tensor[], Tensor> run = isReference ? kernel.Reference : kernel.Own, small = isReference ? warmUp.Reference : warmUp.Own;
        small(warmUp.Inputs(generator)).Dispose();
        var inputs = kernel.Inputs(generator);
        GC.Collect();
        ProcessMemory.ResetPeak();
        var before = ProcessMemory.PeakMegabytes();
        using var output = run(inputs);
        return Math.Max(0, ProcessMemory.PeakMegabytes() - before - (output.numel() * output.element_size() / (double)(1 << 20)));
    }

    private static double? Compare(KernelCase kernel, Tensor[] inputs)
    {
        using var scope = NewDisposeScope();
        var own = kernel.Own(inputs);
        return CanRunReference(kernel) ? (own - kernel.Reference(inputs)).abs().max().item<float>() : null;
    }

    private static double Run(Func<Tensor> work)
    {
        var start = Stopwatch.GetTimestamp();
        work().Dispose();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}

/// <summary>What was timed.</summary>
/// <param name="Ms">Median time of the kernel.</param>
/// <param name="ReferenceMs">Median time of the reference; null where it does not fit the machine's memory.</param>
/// <param name="MaxDifference">Largest difference of the two results; null without a reference.</param>
internal readonly record struct KernelTiming(double Ms, double? ReferenceMs, double? MaxDifference);
