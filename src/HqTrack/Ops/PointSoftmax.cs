using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HqTrack.Ops.Simd;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>
/// Softmax over a handful of neighbouring values, such as the nine weights of a deformable group. The library goes through so short
/// rows element by element; here exponentials run over many rows at once.
/// </summary>
internal static unsafe class PointSoftmax
{
    private const int ValuesAtOnce = 4096; // 16 KB: the three passes over a part stay in the first cache

    /// <summary>[..., G * points] -> the same shape: each run of <paramref name="points"/> values sums to one.</summary>
    /// <param name="x">Any type and device; the own kernel runs on float32 on the CPU where no gradient is asked for.</param>
    /// <param name="points">Values that belong together.</param>
    public static Tensor Forward(Tensor x, int points)
    {
        using var scope = NewDisposeScope();
        if (x.device_type != DeviceType.CPU || x.dtype != ScalarType.Float32 || (is_grad_enabled() && x.requires_grad))
        {
            return softmax(x.reshape([.. x.shape[..^1], -1, points]), -1).reshape(x.shape).MoveToOuterDisposeScope();
        }

        var packed = x.contiguous();
        var result = empty_like(packed);
        float* source = TensorSpan.Pointer<float>(packed), target = TensorSpan.Pointer<float>(result);
        long groups = packed.numel() / points, groupsAtOnce = Math.Max(1, ValuesAtOnce / points);
        ParallelRows.For((int)((groups + groupsAtOnce - 1) / groupsAtOnce), 0, (part, _) =>
        {
            var first = part * groupsAtOnce;
            var count = (int)Math.Min(groupsAtOnce, groups - first);
            float* from = source + (first * points), to = target + (first * points);
            Centre(from, to, count, points);
            Exponentials(to, count * points);
            Normalise(to, count, points);
        });
        return result.MoveToOuterDisposeScope();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Centre(float* source, float* target, int groups, int points)
    {
        for (var g = 0; g < groups; g++, source += points, target += points)
        {
            var max = source[0];
            for (var i = 1; i < points; i++)
            {
                max = source[i] > max ? source[i] : max;
            }

            for (var i = 0; i < points; i++)
            {
                target[i] = source[i] - max;
            }
        }
    }

    private static void Exponentials(float* values, int count)
    {
        switch (VectorWidths.Best)
        {
            case VectorWidth.Bits512: Exponentials<Vector512<float>, Simd512>(values, count); break;
            case VectorWidth.Bits256: Exponentials<Vector256<float>, Simd256>(values, count); break;
            case VectorWidth.Bits128: Exponentials<Vector128<float>, Simd128>(values, count); break;
            default: Exponentials<float, SimdScalar<float>>(values, count); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Exponentials<V, S>(float* values, int count)
        where V : struct
        where S : struct, ISimd<float, V>
    {
        var i = 0;
        for (; i <= count - S.Width; i += S.Width)
        {
            S.Store(values + i, S.Exp(S.Load(values + i)));
        }

        for (; i < count; i++)
        {
            values[i] = MathF.Exp(values[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalise(float* values, int groups, int points)
    {
        for (var g = 0; g < groups; g++, values += points)
        {
            var sum = 0f;
            for (var i = 0; i < points; i++)
            {
                sum += values[i];
            }

            var factor = 1 / sum;
            for (var i = 0; i < points; i++)
            {
                values[i] *= factor;
            }
        }
    }
}
