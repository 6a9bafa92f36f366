using HqTrack.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

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
