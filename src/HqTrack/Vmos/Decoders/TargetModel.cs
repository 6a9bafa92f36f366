using HqTrack.Layers;
using HqTrack.Ops;
using HqTrack.Vmos.Identities;
using HqTrack.Vmos.Propagation;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Decoders;

/// <summary>
/// What tells the objects of a clip from each other and from the background, learned while tracking: a ridge regression from the encoder's features to the masks of the long-term
/// memory. Not in the paper; the idea of a target model fitted to the remembered frames is that of FRTM (Robinson et al., CVPR 2020), in closed form here.
/// </summary>
/// <remarks>
/// Attention copies the label of what looks most alike; a regression finds which features matter. Nothing of it is trained beforehand, so that it is as good for videos that are unlike the
/// training data as for others. Each id counts as much as the others, however small its object is.
/// </remarks>
internal static class TargetModel
{
    private const double Ridge = 0.002;          // per sample
    private const double Constant = 0.3;         // the feature that is the same everywhere, beside groups of features of length 1
    private const double SmallestShare = 1e-3;   // of an id among the samples

    /// <summary>What is regressed from, without gradient: the maps at 1/8 (as 2x2 blocks), 1/16 and the last one, each of unit length, and a constant, [B, H/16 * W/16, F].</summary>
    public static Tensor Features(in EncoderMaps maps)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        Tensor[] groups = [LabelEncoding.PackBlocks(maps.S8), ChannelsLast.ToSequence(maps.S16), ChannelsLast.ToSequence(maps.Last)];
        var constant = full([groups[0].size(0), groups[0].size(1), 1], Constant, device: maps.S8.device, dtype: maps.S8.dtype);
        return cat([.. groups.Select(group => nn.functional.normalize(group.detach(), dim: 2)), constant], dim: 2).MoveToOuterDisposeScope();
    }

    /// <summary>Fits the model.</summary>
    /// <param name="samples">Key: features [B, N, F] of one frame or several; value: their mask blocks [B, N, 4 ids].</param>
    /// <returns>[B, F, 4 ids]</returns>
    public static Tensor Fit(LayerMemory samples)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        long batch = samples.Value.size(0), count = samples.Value.size(1);
        var ids = samples.Value.view(batch, count, -1, 4).mean([3L]);        // [B, N, ids]
        var share = ids.mean([1L], keepdim: true);                           // [B, 1, ids]
        var present = share.gt(0).sum(2, keepdim: true).clamp_min(1);
        var weight = (ids / share.clamp_min(SmallestShare)).sum(2, keepdim: true) / present; // [B, N, 1], 1 in the mean
        var weighted = (samples.Key * weight).transpose(1, 2);
        var gram = weighted.matmul(samples.Key) + (eye(samples.Key.size(2), device: samples.Key.device) * (Ridge * count));
        return PositiveDefinite.Solve(gram, weighted.matmul(samples.Value)).MoveToOuterDisposeScope();
    }

    /// <summary>Mask blocks of a frame, 0..1 with a sum of 1 over the ids: [B, L, 4 ids].</summary>
    /// <param name="features">[B, L, F]</param>
    /// <param name="model">What <see cref="Fit"/> gave.</param>
    public static Tensor Predict(Tensor features, Tensor model)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var blocks = features.matmul(model).clamp(0, 1).view(features.size(0), features.size(1), -1, 4);
        return (blocks / blocks.sum(2, keepdim: true).clamp_min(SmallestShare)).flatten(2).MoveToOuterDisposeScope();
    }
}
