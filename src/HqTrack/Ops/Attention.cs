using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Single-head attention to a whole memory.</summary>
internal static class Attention
{
    private const long MaxScores = 1 << 26; // 256 MB: the composed form without gradients goes through the queries in parts

    /// <summary>
    /// softmax(scale * q k) v. On the CPU, where no gradient is asked for, the scores exist only a block at a time; with gradients
    /// the formulation is composed of library operations and autograd keeps them all.
    /// </summary>
    /// <param name="q">[B, L, D]</param>
    /// <param name="k">[B, TL, D], TL at least 1.</param>
    /// <param name="v">[B, TL, C]</param>
    /// <param name="scale">Factor of the dot products.</param>
    /// <returns>[B, L, C]</returns>
    public static Tensor Forward(Tensor q, Tensor k, Tensor v, double scale)
    {
        if (is_grad_enabled() && (q.requires_grad || k.requires_grad || v.requires_grad))
        {
            return Composed(q, k, v, scale);
        }

        if (q.device_type == DeviceType.CPU && q.dtype == ScalarType.Float32)
        {
            return BlockedAttention.Forward(q, k, v, scale);
        }

        using var scope = NewDisposeScope();
        var rows = Math.Max(1, MaxScores / (q.size(0) * k.size(1)));
        return rows >= q.size(1)
            ? Composed(q, k, v, scale).MoveToOuterDisposeScope()
            : cat([.. q.split(rows, 1).Select(part => Composed(part, k, v, scale))], 1).MoveToOuterDisposeScope();
    }

    /// <summary>The same of three library operations, all scores at once.</summary>
    internal static Tensor Composed(Tensor q, Tensor k, Tensor v, double scale)
    {
        using var scope = NewDisposeScope();
        return softmax((q * scale).matmul(k.transpose(1, 2)), -1).matmul(v).MoveToOuterDisposeScope();
    }
}
