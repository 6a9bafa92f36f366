using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Attention to a window around each position, composed of library operations that gather each window: grids too large for <see cref="LocalAttentionDense"/> on devices other than the CPU, and what
/// the others are tested against.</summary>
internal static class LocalAttentionReference
{
    /// <summary>softmax(scale * q k + bias) v over the (2 radius + 1)^2 positions around each query; positions outside the grid are left out.</summary>
    /// <param name="q">[B, H*W, D]</param>
    /// <param name="k">[B, H*W, D]</param>
    /// <param name="v">[B, H*W, C]</param>
    /// <param name="bias">[K*K], [B, H*W, K*K] or null; K = 2 radius + 1, rows first.</param>
    /// <param name="height">H</param>
    /// <param name="width">W</param>
    /// <param name="radius">Window radius.</param>
    /// <param name="scale">Factor of the dot products.</param>
    /// <returns>[B, H*W, C]</returns>
    public static Tensor Forward(Tensor q, Tensor k, Tensor v, Tensor? bias, int height, int width, int radius, double scale)
    {
        using var scope = NewDisposeScope();
        int window = (2 * radius) + 1, positions = window * window;
        Tensor Unfold(Tensor x) => nn.functional.unfold(x.transpose(1, 2).reshape(x.size(0), x.size(2), height, width), window, 1, radius, 1)
            .view(x.size(0), x.size(2), positions, height * width);
        var scores = (q.transpose(1, 2).unsqueeze(2) * Unfold(k)).sum(1) * scale; // [B, K*K, L]
        if (bias is not null)
        {
            scores = scores + (bias.dim() == 1 ? bias.view(1, -1, 1) : bias.transpose(1, 2));
        }

        var outside = 1 - Unfold(ones(1, height * width, 1, device: q.device)).squeeze(1);
        var weights = softmax(scores - (outside * 1e8), 1);
        return (Unfold(v) * weights.unsqueeze(1)).sum(2).transpose(1, 2).contiguous().MoveToOuterDisposeScope();
    }
}
