using System.Runtime.Intrinsics.X86;

namespace HqTrack.Runtime;

/// <summary>
/// Lets the matrix products of libtorch's MKL use the widest vectors that the processor has. MKL asks for the processor's maker first, and on an AMD processor with AVX-512 takes kernels for an
/// older one with half the width; none of its settings changes that. Its question is answered with "Intel" where it matters, and its kernels are then chosen by what the processor
/// reports it can do.
/// </summary>
internal static class MklKernels
{
    /// <summary>Answers for MKL; before its first product, where it makes its choice.</summary>
    /// <param name="libTorch">The loaded libtorch_cpu, which MKL is part of.</param>
    public static void ChooseByInstructions(nint libTorch)
    {
        if (!Avx512F.IsSupported || Processor.IsIntel)
        {
            return; // right as it is; without AVX-512 its kernels for AMD are as wide as any
        }

        ReadOnlySpan<byte> returnOne = [0xb8, 1, 0, 0, 0, 0xc3], returnZero = [0x31, 0xc0, 0xc3];
        _ = NativeCode.Replace(libTorch, "mkl_serv_intel_cpu_true", returnOne) && NativeCode.Replace(libTorch, "mkl_serv_cpuiszen", returnZero);
    }
}
