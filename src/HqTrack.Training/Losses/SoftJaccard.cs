using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training.Losses;

/// <summary>1 - soft intersection over union, averaged over the ids that a sample's labels hold, background among them
/// (aot-benchmark networks/layers/loss.py <c>SoftJaccordLoss</c>).</summary>
internal static class SoftJaccard
{
    private const double Epsilon = 1e-6;

    /// <summary>The loss of every sample, [B].</summary>
    public static Tensor Forward(PixelScores pixels)
    {
        using var scope = NewDisposeScope();
        var probability = pixels.LogProbability.exp(); // [B, P, C]
        var ids = arange(probability.size(2), device: probability.device);
        var truth = pixels.Target.unsqueeze(2).eq(ids).to(probability.dtype);
        if (pixels.Valid is not null)
        {
            var valid = pixels.Valid.unsqueeze(2);
            (probability, truth) = (probability * valid, truth * valid);
        }

        var shared = (probability * truth).sum(1); // [B, C]
        var area = truth.sum(1);
        var union = probability.sum(1) + area - shared;
        var present = area.gt(0).to(probability.dtype);
        var loss = (1 - (shared / (union + Epsilon))) * present;
        return (loss.sum(1) / present.sum(1).clamp_min(1)).MoveToOuterDisposeScope();
    }
}
