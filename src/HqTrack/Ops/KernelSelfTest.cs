using HqTrack.Ops.Simd;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Runs this project's own kernels on this processor: the vector code against the scalar code on fixed inputs, forward and backward.</summary>
internal static class KernelSelfTest
{
    /// <summary>Largest difference between vector and scalar results that passes, relative to the largest value (at least to 1).</summary>
    public const double Tolerance = 1e-4;

    private const int Seed = 1;

    /// <summary>Takes well under a second.</summary>
    public static Result Run()
    {
        NativeRuntime.EnsureLoaded();
        return new(VectorWidths.Best, [new("local_attention", LocalAttentionError()), new("dcnv3", Dcnv3Error()), new("inverted_bottleneck", InvertedBottleneckError())]);
    }

    private static double LocalAttentionError()
    {
        const int Height = 12, Width = 19, Radius = 3, Side = (2 * Radius) + 1;
        using var scope = NewDisposeScope();
        using var generator = new Generator(Seed);
        Tensor Make(params long[] shape) => randn(shape, generator: generator);
        Tensor q = Make(2, Height * Width, 40), k = Make(2, Height * Width, 40), v = Make(2, Height * Width, 75);
        Tensor bias = Make(2, Height * Width, Side * Side), upstream = Make(2, Height * Width, 75);
        Tensor?[] With(VectorWidth limit)
        {
            var (gq, gk, gv, gb) = LocalAttentionCpu.Backward(
                q, k, v, bias, upstream, Height, Width, Radius, 0.2, new(Q: true, K: true, V: true, Bias: true), limit);
            return [LocalAttentionCpu.Forward(q, k, v, bias, Height, Width, Radius, 0.2, limit), gq, gk, gv, gb];
        }

        return LargestDifference(With(VectorWidth.Scalar), With(VectorWidths.Best));
    }

    private static double Dcnv3Error()
    {
        const int Height = 13, Width = 21, Groups = 3;
        using var scope = NewDisposeScope();
        using var generator = new Generator(Seed);
        Tensor Make(params long[] shape) => randn(shape, generator: generator);
        var geometry = new Dcnv3Geometry(Groups);
        Tensor input = Make(2, Height, Width, Groups * 16), upstream = Make(2, Height, Width, Groups * 16);
        Tensor offset = Make(2, Height, Width, Groups * geometry.Points * 2) * 3, mask = Make(2, Height, Width, Groups * geometry.Points);
        Tensor?[] With(VectorWidth limit)
        {
            var (gi, go, gm) = Dcnv3Cpu.Backward(input, offset, mask, upstream, geometry, inputNeeded: true, limit);
            return [Dcnv3Cpu.Forward(input, offset, mask, geometry, limit), gi, go, gm];
        }

        return LargestDifference(With(VectorWidth.Scalar), With(VectorWidths.Best));
    }

    private static double InvertedBottleneckError()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var generator = new Generator(Seed);
        Tensor Make(params long[] shape) => randn(shape, generator: generator);
        using var block = new InvertedBottleneck((Make(96, 16, 1, 1), Make(96)), (Make(96, 1, 3, 3), Make(96)), (Make(16, 96, 1, 1), Make(16)), stride: 1, hasResidual: true);
        var input = Make(2, 16, 13, 21);
        return LargestDifference([block.Forward(input, VectorWidth.Scalar)], [block.Forward(input, VectorWidths.Best)]);
    }

    private static double LargestDifference(Tensor?[] expected, Tensor?[] actual) =>
        expected.Zip(actual).Max(pair => ((pair.First! - pair.Second!).abs().max() / pair.First!.abs().max().clamp_min(1)).item<float>());

    /// <summary>What the self-test found.</summary>
    /// <param name="Width">Vector width in use.</param>
    /// <param name="Kernels">Each kernel's largest relative difference.</param>
    internal sealed record Result(VectorWidth Width, IReadOnlyList<KernelError> Kernels)
    {
        /// <summary>Whether every kernel is within <see cref="Tolerance"/>; not a number fails.</summary>
        public bool Passed => Kernels.All(kernel => kernel.Error <= Tolerance);
    }

    /// <summary>One kernel's largest relative difference between vector and scalar code.</summary>
    internal readonly record struct KernelError(string Kernel, double Error);
}
