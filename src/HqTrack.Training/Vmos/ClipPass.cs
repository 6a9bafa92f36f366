using HqTrack.Ops;
using HqTrack.Training.Losses;
using HqTrack.Vmos;
using HqTrack.Vmos.Identities;
using HqTrack.Vmos.Propagation;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training.Vmos;

/// <summary>How one clip is run through.</summary>
/// <param name="BootstrapShare">Share of pixels that cross-entropy counts, 0..1.</param>
/// <param name="MemoryGap">Frames between two entries of the long-term memory.</param>
/// <param name="FrozenStages">Encoder stages without gradient.</param>
/// <param name="UsesPrediction">Per frame after the first: whether memory gets the network's mask instead of the truth.</param>
/// <param name="ReferenceWeight">Weight of the loss on the reference frame, read back from its own memory; 0 leaves it out.</param>
/// <param name="FreezesIdentities">Whether identity embeddings, the reference's among them, keep no gradient.</param>
internal sealed record ClipPassOptions(
    double BootstrapShare, int MemoryGap, int FrozenStages, IReadOnlyList<bool> UsesPrediction, double ReferenceWeight = 0, bool FreezesIdentities = false);

/// <summary>What a pass leaves; tensors belong to the dispose scope.</summary>
/// <param name="Loss">Scalar: mean over frames and samples, and the weighted mean over the reference frame.</param>
/// <param name="FrameLosses">[T, B], the reference frame first; [T - 1, B] without a loss on it.</param>
/// <param name="LastLogits">[B, n + 1, S, S] by id, of the last frame.</param>
internal sealed record ClipPassResult(Tensor Loss, Tensor FrameLosses, Tensor LastLogits);

/// <summary>
/// A batch of clips through the network with gradients: reference from the first labels, then frame by frame with the memory of
/// the frames before, teacher-forced or with the network's own masks (aot-benchmark networks/engines/aot_engine.py <c>forward</c>).
/// </summary>
internal sealed class ClipPass(VmosNetwork network)
{
    /// <summary>Logit of an id that a sample does not have.</summary>
    private const float Unused = -1e10f;

    /// <summary>Runs the clips.</summary>
    /// <param name="images">[T, B, 3, S, S], normalised.</param>
    /// <param name="labels">[T, B, S, S] bytes, ids 1..n of each sample.</param>
    /// <param name="channels">[B, n + 1] int64: channel of the identity bank for background (0) and each id; -1 where a sample has fewer ids.</param>
    /// <param name="options">How.</param>
    public ClipPassResult Forward(Tensor images, Tensor labels, Tensor channels, ClipPassOptions options)
    {
        using var scope = NewDisposeScope();
        long frames = images.size(0), batch = images.size(1);
        var features = network.EncodeImage(images.flatten(0, 1), options.FrozenStages);
        var oneHotOf = new IdentityChannels(channels, network.Config.MaxObjects);
        var frame = features.Slice(0, batch);
        var memory = network.Reference(frame, oneHotOf.OneHot(labels[0]), options.FreezesIdentities);
        var longTerm = memory.Layers;
        var target = network.FitTarget(longTerm);
        var losses = new List<Tensor>();
        PropagatedFrame? propagation = null;
        Tensor Logits()
        {
            propagation = network.Propagate(frame, longTerm, memory.Layers);
            var decoded = network.Decode(frame, propagation, memory.Local, target);
            return Resize.Bilinear(oneHotOf.Select(decoded), images.size(3), images.size(4));
        }

        void AddLoss(Tensor logits, Tensor truth) => losses.Add(MaskLoss.Forward(logits, truth, options.BootstrapShare));
        if (options.ReferenceWeight > 0)
        {
            AddLoss(Logits(), labels[0]);
        }

        Tensor? logits = null;
        for (var t = 1; t < frames; t++)
        {
            frame = features.Slice(t * batch, batch);
            logits = Logits();
            AddLoss(logits, labels[t]);
            if (t == frames - 1)
            {
                break;
            }

            var known = options.UsesPrediction[t - 1] ? ArgMax(logits) : labels[t];
            memory = network.Remember(frame, propagation!, oneHotOf.OneHot(known), options.FreezesIdentities);
            if (t % options.MemoryGap == 0)
            {
                longTerm = [.. longTerm.Zip(memory.Layers, Concatenate)];
                target = network.FitTarget(longTerm);
            }
        }

        var all = stack(losses);
        var loss = all.narrow(0, losses.Count - (frames - 1), frames - 1).mean();
        if (options.ReferenceWeight > 0)
        {
            loss = loss + (all[0].mean() * options.ReferenceWeight);
        }

        return new(loss.MoveToOuterDisposeScope(), all.MoveToOuterDisposeScope(), logits!.MoveToOuterDisposeScope());
    }

    private static LayerMemory Concatenate(LayerMemory frames, LayerMemory next) => new(cat([frames.Key, next.Key], dim: 1), cat([frames.Value, next.Value], dim: 1));

    // [B, C, H, W] -> [B, H, W] bytes; over the last dimension of packed rows, which is many times faster than over dimension 1.
    private static Tensor ArgMax(Tensor logits)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        return logits.detach().permute(0, 2, 3, 1).contiguous().argmax(-1).to(ScalarType.Byte).MoveToOuterDisposeScope();
    }

    /// <summary>Which channel of the identity bank stands for which id, per sample: every channel gets trained, whatever ids the clips have.</summary>
    private sealed class IdentityChannels(Tensor channels, int maxObjects)
    {
        /// <summary>[B, H, W] ids -> [B, maxObjects + 1, H, W].</summary>
        public Tensor OneHot(Tensor labels)
        {
            using var scope = NewDisposeScope();
            var index = labels.flatten(1).to(ScalarType.Int64);
            var mapped = channels.gather(1, index).view(labels.shape); // [B, n + 1] at [B, P]
            return LabelEncoding.OneHot(mapped, maxObjects).MoveToOuterDisposeScope();
        }

        /// <summary>[B, maxObjects + 1, h, w] by channel -> [B, n + 1, h, w] by id, unused ids far below.</summary>
        public Tensor Select(Tensor logits)
        {
            using var scope = NewDisposeScope();
            var index = channels.clamp_min(0).view(channels.size(0), channels.size(1), 1, 1).expand(-1, -1, logits.size(2), logits.size(3));
            var missing = channels.lt(0).view(channels.size(0), channels.size(1), 1, 1);
            return logits.gather(1, index).masked_fill(missing, Unused).MoveToOuterDisposeScope();
        }
    }
}
