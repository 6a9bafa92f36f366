using System.Diagnostics;
using System.Runtime.CompilerServices;
using HqTrack.Ops;
using HqTrack.Ops.Simd;
using HqTrack.Runtime;
using TorchSharp;

namespace HqTrack.Cli.Doctor;

/// <summary>Looks at libtorch without ever failing: what does not load is a finding.</summary>
internal static class RuntimeChecks
{
    /// <summary>Loads libtorch and computes one tensor.</summary>
    public static (LibTorchFacts LibTorch, CudaFacts Cuda) Collect()
    {
        try
        {
            NativeRuntime.EnsureLoaded();
            return Probe();
        }
        catch (Exception e) when (Failure.Of(e) is { ExitCode: ExitCode.NativeRuntime } failure)
        {
            return (new(false, null, NativeRuntime.LibTorchFolder, NativeRuntime.WrapperDescription, failure.Message), new(false, 0));
        }
    }

    /// <summary>Runs the kernels' self-test, less than a second; for a libtorch that loads.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static KernelFacts TestKernels()
    {
        var start = Stopwatch.GetTimestamp();
        var result = KernelSelfTest.Run();
        return new(
            result.Passed,
            result.Width == VectorWidth.Scalar ? 0 : (int)result.Width * 32,
            KernelSelfTest.Tolerance,
            [.. result.Kernels.Select(kernel => new KernelCheck(kernel.Kernel, double.IsFinite(kernel.Error) ? kernel.Error : null, kernel.Error <= KernelSelfTest.Tolerance))],
            Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    // Not inlined: the first use of a torch type must come after EnsureLoaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (LibTorchFacts LibTorch, CudaFacts Cuda) Probe()
    {
        using var ones = torch.ones(4);
        using var sum = ones.sum();
        if (sum.ToSingle() != 4)
        {
            throw new NativeRuntimeException($"libtorch in {NativeRuntime.LibTorchFolder} computes 1 + 1 + 1 + 1 = {sum.ToSingle()}; use the package libtorch-cpu-linux-x64 2.10.0.");
        }

        var hasCuda = torch.cuda.is_available();
        return (new(true, torch.__version__, NativeRuntime.LibTorchFolder, NativeRuntime.WrapperDescription, null), new(hasCuda, hasCuda ? torch.cuda.device_count() : 0));
    }
}
