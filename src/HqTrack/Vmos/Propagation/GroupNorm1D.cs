using HqTrack.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>The release's group norm over a sequence, statistics per group over all positions; key "gn".</summary>
internal sealed class GroupNorm1D : nn.Module<Tensor, Tensor>
{
    private readonly GroupNorm gn;

    public GroupNorm1D(long channels, long groups)
        : base(nameof(GroupNorm1D))
    {
        gn = GroupNorms.Create(groups, channels);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> the same; on the map, because a norm over channels_last memory needs no copies and one over a sequence two.</summary>
    public override Tensor forward(Tensor input) => gn.call(input);
}
