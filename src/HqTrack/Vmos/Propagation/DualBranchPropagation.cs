using HqTrack.Layers;
using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>The stack of gated propagation modules at 1/16 (aot-benchmark <c>DualBranchGPM</c>).</summary>
internal sealed class DualBranchPropagation : nn.Module
{
    private readonly ModuleList<GatedPropagationModule> layers = [];
    private readonly ModuleList<GroupNorm1D> decoder_norms = [];

    public DualBranchPropagation(VmosConfig config)
        : base(nameof(DualBranchPropagation))
    {
        for (var i = 0; i < config.Modules; i++)
        {
            layers.Add(new GatedPropagationModule(config.EmbeddingDim, config.LocalRadius, isFirst: i == 0));
        }

        decoder_norms.Add(new GroupNorm1D(2 * config.EmbeddingDim, groups: 2));
        RegisterComponents();
    }

    /// <summary>Propagates a reference frame from itself and returns what it leaves in memory.</summary>
    /// <param name="projected">[B, E, H, W]</param>
    /// <param name="embedding">[B, L, E] identity embedding of its label map.</param>
    /// <param name="carried">[B, L, M] mask blocks for the last module, or null.</param>
    public IReadOnlyList<LayerMemory> Reference(Tensor projected, Tensor embedding, Tensor? carried)
    {
        using var scope = NewDisposeScope();
        var grid = (projected.size(2), projected.size(3));
        var x = ChannelsLast.ToSequence(projected);
        Tensor? id = null;
        var memories = new LayerMemory[layers.Count];
        for (var i = 0; i < memories.Length; i++)
        {
            var isLast = i == memories.Length - 1;
            var (state, gate) = layers[i].Project(x, id);
            memories[i] = layers[i].Remember(state, embedding, isLast ? carried : null);
            if (!isLast)
            {
                var layer = layers[i].Propagate(x, id, state, gate, memories[i], memories[i], grid);
                (x, id) = (layer.Visual, layer.Identity);
            }
        }

        return [.. memories.Select(memory => memory.MoveToOuter())];
    }

    /// <summary>Propagates the memories into a frame.</summary>
    public Propagation16 Propagate(Tensor projected, IReadOnlyList<LayerMemory> longTerm, IReadOnlyList<LayerMemory> shortTerm)
    {
        using var scope = NewDisposeScope();
        var grid = (projected.size(2), projected.size(3));
        var x = ChannelsLast.ToSequence(projected);
        Tensor? id = null;
        var states = new LayerState[layers.Count];
        PropagatedLayer last = default;
        for (var i = 0; i < states.Length; i++)
        {
            var (state, gate) = layers[i].Project(x, id);
            last = layers[i].Propagate(x, id, state, gate, longTerm[i], shortTerm[i], grid);
            (x, id, states[i]) = (last.Visual, last.Identity, state);
            state.Key.MoveToOuterDisposeScope();
            state.Value.MoveToOuterDisposeScope();
            state.Identity?.MoveToOuterDisposeScope();
        }

        var map = ChannelsLast.ToMap(decoder_norms[0].call(cat([x, id!], dim: 2)), grid.Item1, grid.Item2);
        last.CarriedLong?.MoveToOuterDisposeScope();
        last.CarriedShort?.MoveToOuterDisposeScope();
        return new(states, map.MoveToOuterDisposeScope(), last with { Visual = map, Identity = map });
    }

    /// <summary>Fuses a label map into the frame that was propagated.</summary>
    public IReadOnlyList<LayerMemory> Remember(IReadOnlyList<LayerState> states, Tensor embedding, Tensor? carried) =>
        [.. states.Select((state, i) => layers[i].Remember(state, embedding, i == states.Count - 1 ? carried : null))];
}

/// <summary>Group norm over a sequence: statistics per group over all positions; key "gn".</summary>
internal sealed class GroupNorm1D : nn.Module<Tensor, Tensor>
{
    private readonly GroupNorm gn;

    public GroupNorm1D(long channels, long groups)
        : base(nameof(GroupNorm1D))
    {
        gn = GroupNorms.Create(groups, channels);
        RegisterComponents();
    }

    /// <summary>[B, L, C] -> the same.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return gn.call(input.transpose(1, 2)).transpose(1, 2).MoveToOuterDisposeScope();
    }
}
