using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training.Losses;

/// <summary>Logits and labels of a batch, per pixel, as both losses read them.</summary>
/// <param name="LogProbability">[B, P, C], log softmax over C.</param>
/// <param name="Target">[B, P], int64 ids below C; 0 where ignored.</param>
/// <param name="Valid">[B, P], 0 where a pixel is ignored, else 1; null when none is.</param>
internal sealed record PixelScores(Tensor LogProbability, Tensor Target, Tensor? Valid) : IDisposable
{
    /// <summary>Label of pixels that do not count.</summary>
    public const int Ignore = 255;

    /// <summary>Prepares logits [B, C, H, W] and labels [B, H, W] (any integer type).</summary>
    public static PixelScores Of(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var (batch, channels) = (logits.size(0), logits.size(1));

        // Softmax over the last dimension of packed rows is many times faster than over dimension 1.
        var scores = logits.permute(0, 2, 3, 1).reshape(batch, -1, channels); // [B, C, H, W] -> [B, P, C]
        var target = labels.reshape(batch, -1).to(ScalarType.Int64);
        Tensor? valid = null;
        using var ignored = target.eq(Ignore);
        if (ignored.any().item<bool>())
        {
            target = target.masked_fill(ignored, 0);
            valid = ignored.logical_not().to(scores.dtype).MoveToOuterDisposeScope();
        }

        return new(nn.functional.log_softmax(scores, -1).MoveToOuterDisposeScope(), target.MoveToOuterDisposeScope(), valid);
    }

    public void Dispose()
    {
        LogProbability.Dispose();
        Target.Dispose();
        Valid?.Dispose();
    }
}
