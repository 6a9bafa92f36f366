using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training.Refiner;

/// <summary>
/// What a decoder's masks cost: focal loss and dice (20 to 1) of every mask, and the error of the predicted IoU (Kirillov et al. 2023, appendix A). The first token answers for every
/// prompt; of the three others the best one does, so that they may mean different things.
/// </summary>
internal static class RefinerLoss
{
    private const double FocalWeight = 20;
    private const float CommonShare = 0.1f;      // of the image that an object fills where the published weight is kept
    private const float MostGain = 8;
    private const double OthersShare = 0.1;      // of the mean of the three tokens beside their best: none dies
    private const double HighQualityWeight = 0.5;

    /// <summary>The loss of a batch of prompts.</summary>
    /// <param name="logits">Masks that are given out: every token's with the high-quality token's added, [B, 4, H, W].</param>
    /// <param name="highQuality">The high-quality token's alone, [B, 1, H, W].</param>
    /// <param name="iou">Predicted IoU of the masks that are given out, [B, 4].</param>
    /// <param name="measured">What they are measured to be, [B, 4].</param>
    /// <param name="truth">[B, 1, H, W], the share of a cell that is the object's, 0..1.</param>
    /// <returns>[B]</returns>
    public static Tensor Forward(Tensor logits, Tensor highQuality, Tensor iou, Tensor measured, Tensor truth)
    {
        using var scope = NewDisposeScope();
        var masks = Mask(logits, truth); // [B, 4]
        var others = masks.narrow(1, 1, masks.size(1) - 1);
        var error = (iou - measured).square().mean([1L]);
        return (masks.select(1, 0) + others.amin([1L]) + (OthersShare * others.mean([1L])) + (HighQualityWeight * Mask(highQuality, truth).select(1, 0)) + error)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The loss of the masks that are shown, sharpened, [B, 1, H, W]: [B].</summary>
    public static Tensor Sharpened(Tensor logits, Tensor truth)
    {
        using var scope = NewDisposeScope();
        return Mask(logits, truth).select(1, 0).MoveToOuterDisposeScope();
    }

    /// <summary>What the predicted IoU should be, [B, 4], without gradient: of every token's mask its own, but of the token that is given out that of the mask that is shown.</summary>
    /// <param name="logits">[B, 4, H, W]</param>
    /// <param name="shown">[B, 1, H, W]</param>
    /// <param name="token">Which token is given out, [B, 1], int64.</param>
    /// <param name="truth">[B, 1, H, W]</param>
    public static Tensor Measured(Tensor logits, Tensor shown, Tensor token, Tensor truth)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        return Iou(logits, truth).scatter(1, token, Iou(shown, truth)).MoveToOuterDisposeScope();
    }

    /// <summary>Measured IoU of masks, [B, m], without gradient; 1 where both are empty.</summary>
    public static Tensor Iou(Tensor logits, Tensor truth)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var (mask, wanted) = (logits.detach().gt(0), truth.gt(0.5f));
        var shared = mask.logical_and(wanted).sum([2L, 3L]).to(ScalarType.Float32);
        var union = mask.logical_or(wanted).sum([2L, 3L]).to(ScalarType.Float32);
        return ((shared + 1e-6f) / (union + 1e-6f)).MoveToOuterDisposeScope();
    }

    // Focal loss with gamma 2, without a weight of classes, and dice with 1 added on both sides of the fraction: [B, m].
    // Differs from the paper: focal loss, a mean over the image, counts more for small objects, by the root of how much smaller they are. Else an empty mask, where dice has no
    // gradient, is a cheap answer for them.
    private static Tensor Mask(Tensor logits, Tensor truth)
    {
        using var scope = NewDisposeScope();
        var target = truth.expand_as(logits);
        var probability = logits.sigmoid();
        var error = (probability - target).square(); // (1 - p_t)^2 where the truth is 0 or 1
        var focal = (nn.functional.binary_cross_entropy_with_logits(logits, target, reduction: nn.Reduction.None) * error).mean([2L, 3L]);
        var gain = (CommonShare / truth.mean([2L, 3L]).clamp_min(1e-6)).sqrt().clamp(1, MostGain); // [B, 1]
        var shared = (probability * target).sum([2L, 3L]);
        var dice = 1 - (((2 * shared) + 1) / (probability.sum([2L, 3L]) + target.sum([2L, 3L]) + 1));
        return ((FocalWeight * gain * focal) + dice).MoveToOuterDisposeScope();
    }
}
