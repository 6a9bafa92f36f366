using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Single-head attention to a whole memory.</summary>
internal static class Attention
{
    /// <summary>softmax(scale * q k) v: q [B, L, D], k [B, TL, D], v [B, TL, C] -> [B, L, C].</summary>
    public static Tensor Forward(Tensor q, Tensor k, Tensor v, double scale)
    {
        using var scope = NewDisposeScope();
        return softmax((q * scale).matmul(k.transpose(1, 2)), -1).matmul(v).MoveToOuterDisposeScope();
    }
}
