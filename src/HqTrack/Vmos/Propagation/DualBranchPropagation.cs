using HqTrack.Ops;
using HqTrack.Vmos.Identities;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>The stack of gated propagation modules at 1/16 (aot-benchmark <c>DualBranchGPM</c>).</summary>
internal sealed class DualBranchPropagation : FeaturePropagation
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
        Modules = [.. layers];
        RegisterComponents();
    }

    protected override IReadOnlyList<GatedPropagationModule> Modules { get; }

    protected override Tensor EmbeddingOf(int module, IdentityEmbedding embedding) => embedding.At16;

    protected override PropagatedFrame? Run(ImageFeatures features, MemoryOf memoryOf, bool needsMap)
    {
        var grid = features.Grid16;
        var x = ChannelsLast.ToSequence(features.Projected);
        Tensor? id = null;
        PropagatedLayer last = default;
        for (var i = 0; i < Modules.Count; i++)
        {
            last = RunModule(i, x, id, grid, memoryOf, needsOutput: needsMap || i < Modules.Count - 1);
            (x, id) = (last.Visual, last.Identity);
        }

        return needsMap
            ? new([], decoder_norms[0].call(ChannelsLast.ToMap(cat([x, id!], dim: 2), grid.Height, grid.Width)), null, last.CarriedLong, last.CarriedShort)
            : null;
    }
}
