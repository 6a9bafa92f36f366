using System.Numerics;
using System.Runtime.Intrinsics;
using HqTrack.Ops.Simd;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Windowed attention on the CPU: from tensors to the kernel of the right vector width. Arguments as in <see cref="LocalAttention"/>.</summary>
internal static unsafe class LocalAttentionCpu
{
    /// <summary>The attended values [B, H*W, C].</summary>
    public static Tensor Forward(
        Tensor q, Tensor k, Tensor v, Tensor? bias, int height, int width, int radius, double scale, VectorWidth limit = VectorWidth.Bits512)
    {
        using var scope = NewDisposeScope();
        var call = new Call(q.contiguous(), k.contiguous(), v.contiguous(), bias?.contiguous(), Shape(q, v, height, width, radius), scale);
        var result = empty(v.size(0), v.size(1), v.size(2), dtype: v.dtype);
        if (q.dtype == ScalarType.Float64)
        {
            Forward<double, double, SimdScalar<double>>(call, result);
            return result.MoveToOuterDisposeScope();
        }

        switch (Width(call, limit))
        {
            case VectorWidth.Bits512: Forward<float, Vector512<float>, Simd512>(call, result); break;
            case VectorWidth.Bits256: Forward<float, Vector256<float>, Simd256>(call, result); break;
            case VectorWidth.Bits128: Forward<float, Vector128<float>, Simd128>(call, result); break;
            default: Forward<float, float, SimdScalar<float>>(call, result); break;
        }

        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Gradients of q, k, v and bias, null where not needed.</summary>
    public static (Tensor? Q, Tensor? K, Tensor? V, Tensor? Bias) Backward(
        Tensor q, Tensor k, Tensor v, Tensor? bias, Tensor gradient, int height, int width, int radius, double scale, Needed needed,
        VectorWidth limit = VectorWidth.Bits512)
    {
        using var scope = NewDisposeScope();
        var call = new Call(q.contiguous(), k.contiguous(), v.contiguous(), bias?.contiguous(), Shape(q, v, height, width, radius), scale);
        Tensor Like(Tensor x) => empty(x.shape, dtype: x.dtype);
        var result = new Gradients(
            needed.Q ? Like(q) : null, needed.K ? Like(k) : null, needed.V ? Like(v) : null,
            empty(q.size(0), q.size(1), call.Shape.Positions, dtype: q.dtype));
        gradient = gradient.contiguous();
        if (q.dtype == ScalarType.Float64)
        {
            Backward<double, double, SimdScalar<double>>(call, gradient, result);
        }
        else
        {
            switch (Width(call, limit))
            {
                case VectorWidth.Bits512: Backward<float, Vector512<float>, Simd512>(call, gradient, result); break;
                case VectorWidth.Bits256: Backward<float, Vector256<float>, Simd256>(call, gradient, result); break;
                case VectorWidth.Bits128: Backward<float, Vector128<float>, Simd128>(call, gradient, result); break;
                default: Backward<float, float, SimdScalar<float>>(call, gradient, result); break;
            }
        }

        var biasGradient = !needed.Bias ? null : bias!.dim() == 1 ? SumOverQueries(result.Scores) : result.Scores;
        return (result.Q?.MoveToOuterDisposeScope(), result.K?.MoveToOuterDisposeScope(), result.V?.MoveToOuterDisposeScope(),
            biasGradient?.MoveToOuterDisposeScope());
    }

    private static WindowShape Shape(Tensor q, Tensor v, int height, int width, int radius) =>
        new((int)q.size(0), height, width, radius, (int)q.size(2), (int)v.size(2));

    // Queries and keys become summed values in the backward pass, so their channels have to fill a register too.
    private static VectorWidth Width(Call call, VectorWidth limit) =>
        VectorWidths.For(Math.Min(call.Shape.Channels, call.Shape.KeyDim), limit < VectorWidths.Best ? limit : VectorWidths.Best);

    private static void Forward<T, V, S>(Call call, Tensor result)
        where T : unmanaged, IFloatingPointIeee754<T>
        where V : struct
        where S : struct, ISimd<T, V> =>
        new LocalAttentionKernel<T, V, S>(call.Shape, call.Scale).Forward(
            TensorSpan.Pointer<T>(call.Q), TensorSpan.Pointer<T>(call.K), TensorSpan.Pointer<T>(call.V), Pointer<T>(call.Bias), call.BiasStride,
            TensorSpan.Pointer<T>(result));

    private static void Backward<T, V, S>(Call call, Tensor gradient, Gradients result)
        where T : unmanaged, IFloatingPointIeee754<T>
        where V : struct
        where S : struct, ISimd<T, V>
    {
        using var weights = empty_like(result.Scores);
        new LocalAttentionKernel<T, V, S>(call.Shape, call.Scale).Backward(
            TensorSpan.Pointer<T>(call.Q), TensorSpan.Pointer<T>(call.K), TensorSpan.Pointer<T>(call.V), Pointer<T>(call.Bias), call.BiasStride,
            TensorSpan.Pointer<T>(gradient), Pointer<T>(result.Q), Pointer<T>(result.K), Pointer<T>(result.V),
            TensorSpan.Pointer<T>(weights), TensorSpan.Pointer<T>(result.Scores));
    }

    private static T* Pointer<T>(Tensor? tensor)
        where T : unmanaged => tensor is null ? null : TensorSpan.Pointer<T>(tensor);

    /// <summary>[B, L, K*K] -> [K*K], in one fixed order and in double: the result does not depend on the number of threads.</summary>
    private static Tensor SumOverQueries(Tensor scores)
    {
        var positions = (int)scores.size(2);
        var sums = new double[positions];
        void Accumulate<T>()
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            var values = TensorSpan.Of<T>(scores);
            for (var start = 0; start < values.Length; start += positions)
            {
                for (var i = 0; i < positions; i++)
                {
                    sums[i] += double.CreateTruncating(values[start + i]);
                }
            }
        }

        if (scores.dtype == ScalarType.Float64)
        {
            Accumulate<double>();
        }
        else
        {
            Accumulate<float>();
        }

        return tensor(sums, dtype: scores.dtype);
    }

    /// <summary>Which gradients are asked for.</summary>
    internal readonly record struct Needed(bool Q, bool K, bool V, bool Bias);

    private sealed record Call(Tensor Q, Tensor K, Tensor V, Tensor? Bias, WindowShape Shape, double Scale)
    {
        public nint BiasStride => Bias is { } bias && bias.dim() == 3 ? Shape.Positions : 0;
    }

    private sealed record Gradients(Tensor? Q, Tensor? K, Tensor? V, Tensor Scores);
}
