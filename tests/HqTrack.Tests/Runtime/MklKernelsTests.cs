using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using static TorchSharp.torch;

namespace HqTrack.Tests.Runtime;

/// <summary>MKL's kernels on processors of other makers.</summary>
[Collection("torch")]
public sealed unsafe class MklKernelsTests
{
    [Fact]
    public void With_wide_vectors_MKL_does_not_ask_for_the_maker()
    {
        Assert.SkipUnless(NativeCode.IsAllowed && Avx512F.IsSupported, "a processor with AVX-512 on Linux");
        NativeRuntime.EnsureLoaded();
        var libTorch = NativeLibrary.Load(Path.Combine(NativeRuntime.LibTorchFolder!, "libtorch_cpu.so"));
        var ask = (delegate* unmanaged<int>)NativeLibrary.GetExport(libTorch, "mkl_serv_intel_cpu_true");
        Assert.Equal(1, ask()); // as it is on a processor of Intel, by itself or answered for
    }

    [Fact]
    public void Products_are_right_at_sizes_that_fill_no_vector()
    {
        NativeRuntime.EnsureLoaded();
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        foreach (var (m, k, n) in new[] { (1, 1, 1), (3, 17, 5), (33, 129, 65), (200, 70, 301) })
        {
            var (a, b) = (rand(m, k), rand(k, n));
            var expected = (a.unsqueeze(2).to(ScalarType.Float64) * b.unsqueeze(0).to(ScalarType.Float64)).sum(1);
            Assert.InRange((a.matmul(b).to(ScalarType.Float64) - expected).abs().max().item<double>(), 0, 1e-5 * k);
        }
    }
}
