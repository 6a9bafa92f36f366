using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Attention to a window around each position.</summary>
internal static class LocalAttention
{
    /// <summary>
    /// softmax(scale * q k + bias) v over the (2 radius + 1)^2 positions around each query; positions outside the grid are left out.
    /// On the CPU an own kernel runs, with gradients for q, k, v and bias; run backward inside a dispose scope, which then holds the
    /// gradients on their way. On other devices it is composed of library operations.
    /// </summary>
    /// <param name="q">[B, H*W, D], float32 (float64 on the CPU is for checking gradients).</param>
    /// <param name="k">[B, H*W, D]</param>
    /// <param name="v">[B, H*W, C]</param>
    /// <param name="bias">[K*K], [B, H*W, K*K] or null; K = 2 radius + 1, rows first.</param>
    /// <param name="height">H</param>
    /// <param name="width">W</param>
    /// <param name="radius">Window radius.</param>
    /// <param name="scale">Factor of the dot products.</param>
    /// <returns>[B, H*W, C]</returns>
    /// <exception cref="ArgumentException">Shapes or types that do not fit together.</exception>
    public static Tensor Forward(Tensor q, Tensor k, Tensor v, Tensor? bias, int height, int width, int radius, double scale)
    {
        Check(q, k, v, bias, (long)height * width, (2L * radius) + 1);
        if (q.device_type != DeviceType.CPU)
        {
            return LocalAttentionDense.Fits(q.size(0), height, width)
                ? LocalAttentionDense.Forward(q, k, v, bias, height, width, radius, scale)
                : LocalAttentionReference.Forward(q, k, v, bias, height, width, radius, scale);
        }

        if (!is_grad_enabled() || !(q.requires_grad || k.requires_grad || v.requires_grad || bias is { requires_grad: true }))
        {
            return LocalAttentionCpu.Forward(q, k, v, bias, height, width, radius, scale);
        }

        using var scope = NewDisposeScope();
        return LocalAttentionFunction.apply(q, k, v, bias!, height, width, radius, scale).MoveToOuterDisposeScope();
    }

    private static void Check(Tensor q, Tensor k, Tensor v, Tensor? bias, long length, long side)
    {
        static bool Is(Tensor x, params ReadOnlySpan<long> shape) => x.shape.AsSpan().SequenceEqual(shape);
        long batch = q.size(0), positions = side * side;
        if (q.dim() != 3 || v.dim() != 3 || !Is(q, batch, length, q.size(2)) || !Is(k, q.shape) || !Is(v, batch, length, v.size(2))
            || (bias is not null && !Is(bias, positions) && !Is(bias, batch, length, positions)))
        {
            throw new ArgumentException(
                $"Windowed attention over {length} positions: q is [{string.Join(", ", q.shape)}], k [{string.Join(", ", k.shape)}], "
                + $"v [{string.Join(", ", v.shape)}], bias [{(bias is null ? "none" : string.Join(", ", bias.shape))}]; "
                + $"expected [B, {length}, D] twice, [B, {length}, C], and a bias of [{positions}] or [B, {length}, {positions}].");
        }

        if (q.device_type == DeviceType.CPU && (q.dtype is not (ScalarType.Float32 or ScalarType.Float64) || k.dtype != q.dtype || v.dtype != q.dtype
            || (bias is not null && bias.dtype != q.dtype)))
        {
            throw new ArgumentException($"Windowed attention of {q.dtype}, {k.dtype}, {v.dtype}, {bias?.dtype.ToString() ?? "no bias"}; expected Float32 throughout.");
        }
    }
}
