using HqTrack.Layers;
using HqTrack.Ops;
using HqTrack.Vmos.Decoders;
using HqTrack.Vmos.Encoders;
using HqTrack.Vmos.Identities;
using HqTrack.Vmos.Propagation;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos;

/// <summary>
/// The Video Multi-object Segmenter without time: encode an image, embed a label map, propagate, decode. What to remember when
/// is the engine's business. Module fields are the published checkpoint keys.
/// </summary>
internal sealed class VmosNetwork : nn.Module
{
    private readonly ImageEncoder encoder;
    private readonly Conv2d encoder_projector;
    private readonly FeaturePropagation LSTT;
    private readonly FpnDecoder decoder;
    private readonly Conv2d patch_wise_id_bank;
    private readonly LayerNorm id_norm;
    private readonly Conv2d? patch_wise_id_bank_s8;
    private readonly LayerNorm? id_norm_s8;
    private readonly ConvGN? conv_output1;
    private readonly Conv2d? conv_output2;
    private readonly MaskPath? mask_path;
    private readonly IdentityBank bank;
    private readonly IdentityBank? bank8;

    /// <summary>Builds the network with untrained weights.</summary>
    public VmosNetwork(VmosConfig config)
        : base(config.Name)
    {
        Config = config;
        var dims = config.EncoderDims;
        encoder = ImageEncoders.Create(config.Encoder);
        encoder_projector = nn.Conv2d(dims.Last, config.EmbeddingDim, 1);
        LSTT = config.FineDims is null ? new DualBranchPropagation(config) : new MultiScalePropagation(config);
        decoder = new FpnDecoder(2 * config.EmbeddingDim, config.MaxObjects + 1, config.DecoderDims, (dims.S4, dims.S8, dims.S16));
        patch_wise_id_bank = nn.Conv2d(config.MaxObjects + 1, config.EmbeddingDim, 17, stride: 16, padding: 8);
        id_norm = nn.LayerNorm(config.EmbeddingDim);
        bank = new IdentityBank(patch_wise_id_bank, id_norm);
        if (config.FineDims is { } fine)
        {
            patch_wise_id_bank_s8 = nn.Conv2d(config.MaxObjects + 1, fine.S8, 17, stride: 16, padding: 8);
            id_norm_s8 = nn.LayerNorm(fine.S8);
            bank8 = new IdentityBank(patch_wise_id_bank_s8, id_norm_s8);
        }

        if (config.FineDims is { } head && (config.Head == DecoderHead.Convolution || config.HasUnreadParts))
        {
            conv_output1 = new ConvGN(2 * head.S4, 2 * head.S4, 3);
            conv_output2 = nn.Conv2d(2 * head.S4, config.MaxObjects + 1, 1);
        }

        if (config.HasMaskPath)
        {
            mask_path = new MaskPath(config);
        }

        nn.init.xavier_uniform_(encoder_projector.weight);
        using (no_grad())
        using (var flat = patch_wise_id_bank.weight.view(config.EmbeddingDim, -1))
        {
            nn.init.orthogonal_(flat, gain: 1.0 / (17 * 17));
        }

        RegisterComponents();
    }

    /// <summary>The numbers this network was built from.</summary>
    public VmosConfig Config { get; }

    /// <summary>The encoder, for initialising it from weights of its own.</summary>
    public ImageEncoder Encoder => encoder;

    /// <summary>Encodes normalised images.</summary>
    /// <param name="image">[B, 3, H, W], ImageNet mean and deviation removed, H and W a multiple of 16 plus 1.</param>
    /// <param name="frozenStages">Encoder stages that keep no gradient.</param>
    public ImageFeatures EncodeImage(Tensor image, int frozenStages = 0)
    {
        using var scope = NewDisposeScope();
        var maps = encoder.Encode(ChannelsLast.Of(image), frozenStages);
        var projected = WidePointwise.Fits(encoder_projector.weight)
            ? WidePointwise.Forward(maps.Last, encoder_projector.weight, encoder_projector.bias)
            : encoder_projector.call(maps.Last);
        var keys = mask_path?.Keys(maps.S8, projected);
        return new(
            maps.S4.MoveToOuterDisposeScope(), maps.S8.MoveToOuterDisposeScope(), maps.S16.MoveToOuterDisposeScope(),
            projected.MoveToOuterDisposeScope(), keys?.MoveToOuterDisposeScope(), mask_path is null ? null : TargetModel.Features(maps).MoveToOuterDisposeScope());
    }

    /// <summary>Identity embedding of label maps, [B, ids, H, W]; without gradient when <paramref name="isFrozen"/>.</summary>
    public IdentityEmbedding EmbedIdentities(Tensor oneHot, bool isFrozen = false)
    {
        using var grad = set_grad_enabled(is_grad_enabled() && !isFrozen);
        return new(bank.Embed(oneHot), bank8?.EmbedAt8(oneHot));
    }

    /// <summary>Turns a frame with a known label map into memory; <paramref name="freezesIdentities"/>: the identity embedding keeps no gradient.</summary>
    public FrameMemory Reference(ImageFeatures features, Tensor oneHot, bool freezesIdentities = false)
    {
        using var scope = NewDisposeScope();
        var (at16, local) = Carry(features, oneHot);
        return Memory(features, LSTT.Reference(features, EmbedIdentities(oneHot, freezesIdentities), at16), at16, local);
    }

    /// <summary>Propagates the memories into a frame.</summary>
    /// <param name="features">The frame.</param>
    /// <param name="longTerm">Per module, any number of memory frames.</param>
    /// <param name="shortTerm">Per module, one recent frame.</param>
    public PropagatedFrame Propagate(ImageFeatures features, IReadOnlyList<LayerMemory> longTerm, IReadOnlyList<LayerMemory> shortTerm) =>
        LSTT.Propagate(features, longTerm, shortTerm);

    /// <summary>The target model of the remembered frames, [B, F, 4 ids]; null without a mask path.</summary>
    /// <param name="longTerm">As for <see cref="Propagate"/>.</param>
    public Tensor? FitTarget(IReadOnlyList<LayerMemory> longTerm) => mask_path is null ? null : TargetModel.Fit(longTerm[^1]);

    /// <summary>Logits of every id.</summary>
    /// <param name="features">The frame.</param>
    /// <param name="propagation">Its propagation.</param>
    /// <param name="previous">Keys and mask blocks of the previous frame at 1/8; null without a mask path.</param>
    /// <param name="target">What <see cref="FitTarget"/> gave.</param>
    /// <param name="ids">How many channels are wanted, background included; null for all.</param>
    /// <returns>[B, ids, H/4, W/4]</returns>
    public Tensor Decode(ImageFeatures features, PropagatedFrame propagation, LayerMemory? previous, Tensor? target, int? ids = null)
    {
        using var scope = NewDisposeScope();
        if (mask_path is null)
        {
            return Used(Head(features, propagation), ids).MoveToOuterDisposeScope();
        }

        var masks = mask_path.Read(propagation, features, previous!.Value, target!);
        var (logits, map) = decoder.Forward(propagation.Map, features, mask_path.Hints(masks));
        return mask_path.AddTo(Used(logits, ids), map, masks).MoveToOuterDisposeScope();
    }

    /// <summary>Turns a propagated frame and the label map found for it into memory; <paramref name="freezesIdentities"/> as in <see cref="Reference"/>.</summary>
    public FrameMemory Remember(ImageFeatures features, PropagatedFrame propagation, Tensor oneHot, bool freezesIdentities = false)
    {
        using var scope = NewDisposeScope();
        var (at16, local) = Carry(features, oneHot);
        return Memory(features, LSTT.Remember(propagation.States, EmbedIdentities(oneHot, freezesIdentities), at16), at16, local);
    }

    /// <summary>Folds batch norms; for inference only.</summary>
    public void PrepareForInference()
    {
        eval();
        encoder.Fold();
    }

    private Tensor Head(ImageFeatures features, PropagatedFrame propagation)
    {
        if (Config.Head == DecoderHead.Convolution)
        {
            return conv_output2!.call(nn.functional.relu(conv_output1!.call(propagation.Map), inplace: true));
        }

        return propagation.Coarse is { } coarse
            ? decoder.Forward(coarse, features, new(S4: propagation.Map)).Logits
            : decoder.Forward(propagation.Map, features).Logits;
    }

    private static Tensor Used(Tensor logits, int? ids) => ids is { } n && n < logits.size(1) ? logits.narrow(1, 0, n) : logits.alias();

    private static FrameMemory Memory(ImageFeatures features, IReadOnlyList<LayerMemory> layers, Tensor? at16, LayerMemory? local) =>
        new FrameMemory(at16 is null ? layers : [.. layers, new(features.Appearance!.alias(), at16)], local).MoveToOuter();

    private (Tensor? At16, LayerMemory? Local) Carry(ImageFeatures features, Tensor oneHot)
    {
        if (mask_path is null)
        {
            return (null, null);
        }

        var (at16, at8) = MaskPath.Carry(oneHot);
        return (at16, new LayerMemory(features.Key8!.alias(), at8));
    }
}
