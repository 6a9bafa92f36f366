using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training.Losses;

/// <summary>Half bootstrapped cross-entropy, half soft Jaccard (aot-benchmark networks/engines/aot_engine.py).</summary>
internal static class MaskLoss
{
    /// <summary>The loss of every sample, [B].</summary>
    /// <param name="logits">[B, C, H, W], channels that a sample does not use far below the others.</param>
    /// <param name="labels">[B, H, W] ids below C, 255 to ignore a pixel.</param>
    /// <param name="share">Share of pixels that cross-entropy counts (<see cref="BootstrappedCrossEntropy.Share"/>).</param>
    public static Tensor Forward(Tensor logits, Tensor labels, double share)
    {
        using var scope = NewDisposeScope();
        var pixels = PixelScores.Of(logits, labels);
        return ((BootstrappedCrossEntropy.Forward(pixels, share) + SoftJaccard.Forward(pixels)) * 0.5).MoveToOuterDisposeScope();
    }
}
