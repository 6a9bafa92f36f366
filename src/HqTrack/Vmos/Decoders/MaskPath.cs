using HqTrack.Ops;
using HqTrack.Vmos.Identities;
using HqTrack.Vmos.Propagation;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Decoders;

/// <summary>
/// Lets attention carry the masks themselves, so that the untrained network already propagates labels and all ids are treated
/// alike. Not in the paper: this project's addition for its light model.
/// </summary>
/// <remarks>
/// Four soft masks per id arrive: from the long-term memory and from the previous frame at 1/16 (each value a 2x2 block, hence
/// at 1/8), from a small window of the previous frame at 1/8 (hence at 1/4), and from the target model at 1/16. They enter the decoder as features and its
/// logits as a gated residual: logit += sum of gates * (2 m - 1), through a learned 3x3 convex filter at 1/4.
/// </remarks>
internal sealed class MaskPath : nn.Module
{
    /// <summary>Radius of the window at 1/8.</summary>
    public const int Radius = 4;

    private const int KeyDim = 32;
    private const int Sources = 4;
    private const int CoarseSources = 3; // at 1/16: all but the window at 1/8
    private const double InitialTemperature = 12;
    private const double InitialGate = 0.982; // softplus gives 1.3

    private static readonly long[] HintPadding = [1, 1];

    private readonly int allIds;
    private readonly Conv2d key_8x;
    private readonly Conv2d key_16x;
    private readonly Parameter temperature;
    private readonly Parameter distance;
    private readonly Conv2d hint_16x;
    private readonly Conv2d hint_8x;
    private readonly Conv2d gates;
    private readonly Conv2d filter;

    /// <param name="config">Channels of the embedding, the decoder and the encoder's map at 1/8.</param>
    public MaskPath(VmosConfig config)
        : base(nameof(MaskPath))
    {
        var ids = allIds = config.MaxObjects + 1;
        var window = (2 * Radius) + 1;
        key_8x = nn.Conv2d(config.EncoderDims.S8, KeyDim, 1);
        key_16x = nn.Conv2d(config.EmbeddingDim, KeyDim, 1);
        hint_16x = nn.Conv2d(4 * CoarseSources * ids, config.DecoderDims.S16, 1);
        hint_8x = nn.Conv2d(Sources * ids, config.DecoderDims.S16, 3, padding: 1);
        gates = nn.Conv2d(config.DecoderDims.S4, Sources, 1);
        filter = nn.Conv2d(config.DecoderDims.S4, 9, 3, padding: 1);
        Initialization.Xavier(this);
        using (no_grad())
        {
            nn.init.normal_(gates.weight, 0, 0.01);
            nn.init.constant_(gates.bias, InitialGate);
            nn.init.normal_(filter.weight, 0, 0.01);
            nn.init.zeros_(filter.bias);
            using var centre = filter.bias![4];
            centre.fill_(3);
        }

        temperature = new Parameter(full(1, InitialTemperature));
        var penalty = new float[window * window];
        for (var i = 0; i < penalty.Length; i++)
        {
            int dy = (i / window) - Radius, dx = (i % window) - Radius;
            penalty[i] = -2f * ((dy * dy) + (dx * dx)) / (Radius * Radius);
        }

        distance = new Parameter(tensor(penalty));
        RegisterComponents();
    }

    /// <summary>Unit-length keys at 1/8 from the encoder's map there and the projected one at 1/16: [B, H/8 * W/8, D].</summary>
    public Tensor Keys(Tensor s8, Tensor projected)
    {
        using var scope = NewDisposeScope();
        var map = key_8x.call(s8) + Resize.Bilinear(key_16x.call(projected), s8.size(2), s8.size(3));
        return nn.functional.normalize(ChannelsLast.ToSequence(map), dim: 2).MoveToOuterDisposeScope();
    }

    /// <summary>What a label map leaves for later frames.</summary>
    /// <param name="oneHot">[B, ids, H, W]</param>
    /// <returns>Blocks for the values at 1/16 [B, L16, 4 ids] and at 1/8 [B, L8, 4 ids].</returns>
    public static (Tensor At16, Tensor At8) Carry(Tensor oneHot)
    {
        using var scope = NewDisposeScope();
        var at16 = LabelEncoding.PackBlocks(LabelEncoding.Pool(oneHot, 8));
        var at8 = LabelEncoding.PackBlocks(LabelEncoding.Pool(oneHot, 4));
        return (at16.MoveToOuterDisposeScope(), at8.MoveToOuterDisposeScope());
    }

    /// <summary>Brings the carried masks onto the current frame's grids.</summary>
    /// <param name="frame">The propagation that carried blocks at 1/16.</param>
    /// <param name="features">The current frame.</param>
    /// <param name="previous">Keys and blocks of the previous frame at 1/8.</param>
    /// <param name="target">The target model, [B, F, 4 ids].</param>
    public CarriedMasks Read(PropagatedFrame frame, ImageFeatures features, LayerMemory previous, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (h16, w16) = features.Grid16;
        var (h8, w8) = features.Grid8;
        var scaled = features.Key8! * temperature;
        var local = LocalAttention.Forward(scaled, previous.Key, previous.Value, distance, (int)h8, (int)w8, Radius, 1);
        var predicted = TargetModel.Predict(features.Appearance!, target);
        return new(
            LabelEncoding.UnpackBlocks(frame.CarriedLong!, h16, w16).MoveToOuterDisposeScope(),
            LabelEncoding.UnpackBlocks(frame.CarriedShort!, h16, w16).MoveToOuterDisposeScope(),
            LabelEncoding.UnpackBlocks(local, h8, w8).MoveToOuterDisposeScope(),
            LabelEncoding.UnpackBlocks(predicted, h16, w16).MoveToOuterDisposeScope(),
            ChannelsLast.ToMap(cat([frame.CarriedLong!, frame.CarriedShort!, predicted], dim: 2), h16, w16).MoveToOuterDisposeScope());
    }

    /// <summary>Features for the decoder's levels at 1/16 and 1/8.</summary>
    public DecoderHints Hints(CarriedMasks masks)
    {
        using var scope = NewDisposeScope();
        var ids = masks.Long.size(1);
        var coarse = LabelEncoding.Pool(masks.Local, 2); // [B, ids, H/4, W/4] -> [B, ids, H/8, W/8]
        var s8 = nn.functional.conv2d(
            ChannelsLast.Of(cat([masks.Long, masks.Short, coarse, masks.Target], dim: 1)), OfIds(hint_8x.weight, ids, sources: Sources, columns: 1), hint_8x.bias, padding: HintPadding);
        var s16 = nn.functional.conv2d(masks.Blocks16, OfIds(hint_16x.weight, ids, sources: CoarseSources, columns: 4), hint_16x.bias);
        return new(s16.MoveToOuterDisposeScope(), s8.MoveToOuterDisposeScope());
    }

    /// <summary>Adds the gated masks to the logits.</summary>
    /// <param name="logits">[B, N, H/4, W/4]; N may be fewer than all ids.</param>
    /// <param name="map">The decoder's map at 1/4.</param>
    /// <param name="masks">The carried masks, with at least N ids.</param>
    public Tensor AddTo(Tensor logits, Tensor map, CarriedMasks masks)
    {
        using var scope = NewDisposeScope();
        long n = logits.size(1), h = logits.size(2), w = logits.size(3);
        var gate = nn.functional.softplus(gates.call(map)); // [B, 4, h, w]
        var signed = gate.narrow(1, 0, 1) * ((Resize.Bilinear(masks.Long.narrow(1, 0, n), h, w) * 2) - 1);
        signed = signed + (gate.narrow(1, 1, 1) * ((Resize.Bilinear(masks.Short.narrow(1, 0, n), h, w) * 2) - 1));
        signed = signed + (gate.narrow(1, 2, 1) * ((masks.Local.narrow(1, 0, n) * 2) - 1));
        signed = signed + (gate.narrow(1, 3, 1) * ((Resize.Bilinear(masks.Target.narrow(1, 0, n), h, w) * 2) - 1));
        var weights = softmax(filter.call(map).permute(0, 2, 3, 1), -1).permute(0, 3, 1, 2); // [B, 9, h, w]
        var padded = nn.functional.pad(signed, [1, 1, 1, 1], PaddingModes.Replicate);
        var sum = logits;
        for (var k = 0; k < 9; k++)
        {
            sum = sum + (weights.narrow(1, k, 1) * padded.narrow(2, k / 3, h).narrow(3, k % 3, w));
        }

        return sum.MoveToOuterDisposeScope();
    }

    // The input channels of the ids in use, where masks of the last ids are left out: they would be 0.
    private Tensor OfIds(Tensor weight, long ids, long sources, long columns)
    {
        if (ids == allIds)
        {
            return weight;
        }

        var parts = weight.view(weight.size(0), sources, allIds, columns, weight.size(2), weight.size(3)).narrow(2, 0, ids);
        return parts.reshape(weight.size(0), sources * ids * columns, weight.size(2), weight.size(3));
    }
}

/// <summary>Soft masks that attention and the target model brought to the current frame.</summary>
/// <param name="Long">From the long-term memory, [B, ids, H/8, W/8].</param>
/// <param name="Short">From the previous frame at 1/16, [B, ids, H/8, W/8].</param>
/// <param name="Local">From the previous frame at 1/8, [B, ids, H/4, W/4].</param>
/// <param name="Target">From the target model, [B, ids, H/8, W/8].</param>
/// <param name="Blocks16">The 1/16 sources as they came, [B, 12 ids, H/16, W/16].</param>
internal readonly record struct CarriedMasks(Tensor Long, Tensor Short, Tensor Local, Tensor Target, Tensor Blocks16);
