using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training.Losses;

/// <summary>
/// Cross-entropy over the worst pixels only: their share falls linearly from all of them to <c>hardest</c> over the first part of a
/// run (aot-benchmark networks/layers/loss.py <c>CrossEntropyLoss</c>).
/// </summary>
internal static class BootstrappedCrossEntropy
{
    /// <summary>Share of the published recipe at its end.</summary>
    public const double Hardest = 0.15;

    /// <summary>Share of pixels counted at a step.</summary>
    /// <param name="step">Step of the run, from 0.</param>
    /// <param name="miningSteps">Steps until only <paramref name="hardest"/> counts.</param>
    /// <param name="hardest">Share at the end, 0..1.</param>
    public static double Share(long step, double miningSteps, double hardest = Hardest)
    {
        var ratio = Math.Min(1, step / (miningSteps + 1e-5));
        return (ratio * hardest) + (1 - ratio);
    }

    /// <summary>The loss of every sample.</summary>
    /// <param name="pixels">What <see cref="PixelScores.Of"/> prepared.</param>
    /// <param name="share">Share of pixels counted, 0..1.</param>
    /// <returns>[B]; pixels to ignore count 0, as published.</returns>
    public static Tensor Forward(PixelScores pixels, double share)
    {
        using var scope = NewDisposeScope();
        var loss = -pixels.LogProbability.gather(2, pixels.Target.unsqueeze(2)).squeeze(2); // [B, P]
        if (pixels.Valid is not null)
        {
            loss = loss * pixels.Valid;
        }

        var count = (int)(share * loss.size(1));
        if (count < loss.size(1))
        {
            loss = loss.topk(count, dim: 1, largest: true, sorted: false).values;
        }

        return loss.mean([1]).MoveToOuterDisposeScope();
    }
}
