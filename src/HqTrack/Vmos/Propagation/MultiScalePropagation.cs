using HqTrack.Layers;
using HqTrack.Ops;
using HqTrack.Vmos.Identities;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>
/// VMOS's propagation: gated propagation modules at 1/16, one more at 1/8 with a memory of its own, and up to 1/4 (HQTrack
/// section 3.1; networks/layers/transformer.py <c>MSDualBranchGPM_V2</c>).
/// </summary>
internal sealed class MultiScalePropagation : FeaturePropagation
{
    private readonly ModuleList<GatedPropagationModule> layers = [];
    private readonly GatedPropagationModule layer_s8;
    private readonly ConvGN s8_cons_in;
    private readonly ConvGN s8_cons_in_id;
    private readonly ResGN s8_cons_out;
    private readonly ResGN s8_cons_out_id;
    private readonly Conv2d s8_proj;
    private readonly ConvGN s4_cons_in;
    private readonly ConvGN s4_cons_in_id;
    private readonly ResGN s4_cons_out;
    private readonly ResGN s4_cons_out_id;
    private readonly Conv2d s4_proj;
    private readonly ModuleList<GroupNorm1D> decoder_norms = []; // in the release's checkpoint, used by neither head
    private readonly ModuleList<GroupNorm1D> decoder_norms_s4 = [];
    private readonly ScaleTransition to8;
    private readonly ScaleTransition to4;
    private readonly bool keepsCoarse;

    public MultiScalePropagation(VmosConfig config)
        : base(nameof(MultiScalePropagation))
    {
        var (dim8, dim4) = config.FineDims!.Value;
        for (var i = 0; i < config.Modules; i++)
        {
            layers.Add(new GatedPropagationModule(config.EmbeddingDim, config.LocalRadius, isFirst: i == 0));
        }

        layer_s8 = new GatedPropagationModule(dim8, config.LocalRadius, isFirst: false);
        s8_cons_in = new ConvGN(config.EmbeddingDim * config.Modules, dim8, 1);
        s8_cons_in_id = new ConvGN(config.EmbeddingDim * config.Modules, dim8, 1);
        s8_cons_out = new ResGN(dim8);
        s8_cons_out_id = new ResGN(dim8);
        s8_proj = nn.Conv2d(config.EncoderDims.S8, dim8, 1);
        s4_cons_in = new ConvGN(dim8, dim4, 1);
        s4_cons_in_id = new ConvGN(dim8, dim4, 1);
        s4_cons_out = new ResGN(dim4);
        s4_cons_out_id = new ResGN(dim4);
        s4_proj = nn.Conv2d(config.EncoderDims.S4, dim4, 1);
        if (config.HasUnreadParts)
        {
            decoder_norms.Add(new GroupNorm1D(2 * config.EmbeddingDim, groups: 2));
        }

        decoder_norms_s4.Add(new GroupNorm1D(2 * dim4, groups: 2));
        to8 = new ScaleTransition(s8_cons_in, s8_cons_in_id, s8_proj, s8_cons_out, s8_cons_out_id);
        to4 = new ScaleTransition(s4_cons_in, s4_cons_in_id, s4_proj, s4_cons_out, s4_cons_out_id);
        keepsCoarse = config.Head == DecoderHead.Fpn;
        Modules = [.. layers, layer_s8];
        RegisterComponents();
    }

    protected override IReadOnlyList<GatedPropagationModule> Modules { get; }

    protected override Tensor EmbeddingOf(int module, IdentityEmbedding embedding) => module < layers.Count ? embedding.At16 : embedding.At8!;

    protected override PropagatedFrame? Run(ImageFeatures features, MemoryOf memoryOf, bool needsMap)
    {
        var grid = features.Grid16;
        var x = ChannelsLast.ToSequence(features.Projected);
        Tensor? id = null;
        var visuals = new Tensor[layers.Count];
        var identities = new Tensor[layers.Count];
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = RunModule(i, x, id, grid, memoryOf);
            (x, id) = (visuals[i], identities[i]) = (layer.Visual, layer.Identity);
        }

        var (visual8, identity8) = to8.Forward(visuals, identities, grid, features.S8);
        var layer8 = RunModule(
            layers.Count, ChannelsLast.ToSequence(visual8), ChannelsLast.ToSequence(identity8), features.Grid8, memoryOf, needsOutput: needsMap);
        if (!needsMap)
        {
            return null;
        }

        var (visual4, identity4) = to4.Forward([layer8.Visual], [layer8.Identity], features.Grid8, features.S4);
        var fine = decoder_norms_s4[0].call(cat([visual4, identity4], dim: 1));
        var coarse = keepsCoarse ? ChannelsLast.ToMap(cat([x, id!], dim: 2), grid.Height, grid.Width) : null;
        return new([], fine, coarse, null, null);
    }
}

/// <summary>From one scale to the next finer one: each branch is projected, resized, joined by the encoder's map and refined.</summary>
internal sealed class ScaleTransition(ConvGN consIn, ConvGN consInId, Conv2d projection, ResGN consOut, ResGN consOutId)
{
    /// <summary>Sequences of one or more modules on the coarse grid, each [B, L, E] -> maps [B, C, h, w] on the grid of the encoder's map.</summary>
    public (Tensor Visual, Tensor Identity) Forward(
        IReadOnlyList<Tensor> visuals, IReadOnlyList<Tensor> identities, (long Height, long Width) grid, Tensor encoded)
    {
        using var scope = NewDisposeScope();
        var shortcut = projection.call(encoded);
        var visual = Branch(visuals, grid, consIn, shortcut, consOut);
        var identity = Branch(identities, grid, consInId, shortcut, consOutId);
        return (visual.MoveToOuterDisposeScope(), identity.MoveToOuterDisposeScope());
    }

    private static Tensor Branch(IReadOnlyList<Tensor> sequences, (long Height, long Width) grid, ConvGN before, Tensor shortcut, ResGN after)
    {
        using var scope = NewDisposeScope();
        var joined = sequences.Count == 1 ? sequences[0] : cat([.. sequences], dim: 2);
        var x = nn.functional.relu(before.call(ChannelsLast.ToMap(joined, grid.Height, grid.Width)), inplace: true);
        x = shortcut + Resize.Bilinear(x, shortcut.size(2), shortcut.size(3));
        return nn.functional.relu(after.call(x), inplace: true).MoveToOuterDisposeScope();
    }
}
