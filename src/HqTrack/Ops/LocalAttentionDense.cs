using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>
/// Attention to a window around each position as attention to the whole grid with everything outside the window masked. On a device with fast matrix products this costs less than gathering the
/// window's keys and values once per position, as long as the grid is not much larger than the window.
/// </summary>
internal static class LocalAttentionDense
{
    private const long MostScores = 1 << 26;     // 256 MB of float32
    private const double Outside = -1e8;         // as the reference has it

    /// <summary>Whether all pairs of positions are few enough to be held at once.</summary>
    /// <param name="batch">B</param>
    /// <param name="height">H</param>
    /// <param name="width">W</param>
    public static bool Fits(long batch, int height, int width) => batch * height * width * height * width <= MostScores;

    /// <summary>softmax(scale * q k + bias) v over the (2 radius + 1)^2 positions around each query; any device, with gradients.</summary>
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
        var (place, isOutside) = Places(height, width, radius, q.device);
        var scores = (q * scale).matmul(k.transpose(1, 2)); // [B, L, L]
        if (bias is not null)
        {
            scores = scores + (bias.dim() == 1
                ? bias.index_select(0, place.flatten()).view(place.shape)
                : bias.gather(2, place.unsqueeze(0).expand(q.size(0), -1, -1)));
        }

        return softmax(scores.masked_fill(isOutside, Outside), -1).matmul(v).MoveToOuterDisposeScope();
    }

    // Per query and key, [L, L]: the key's place in the query's window, rows first (any where it lies outside), and whether it lies outside.
    private static (Tensor Place, Tensor IsOutside) Places(int height, int width, int radius, Device device)
    {
        using var scope = NewDisposeScope();
        Tensor Steps(int size)
        {
            var at = arange(size, dtype: ScalarType.Int64, device: device);
            return at.unsqueeze(0) - at.unsqueeze(1); // [query, key]
        }

        var down = Steps(height).view(height, 1, height, 1);
        var across = Steps(width).view(1, width, 1, width);
        var (length, side) = ((long)height * width, (2 * radius) + 1);
        var place = ((down.clamp(-radius, radius) + radius) * side) + across.clamp(-radius, radius) + radius;
        var isOutside = (down.abs() > radius).logical_or(across.abs() > radius);
        return (place.reshape(length, length).MoveToOuterDisposeScope(), isOutside.reshape(length, length).MoveToOuterDisposeScope());
    }
}
