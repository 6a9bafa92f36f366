using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Propagation;

/// <summary>Depthwise 5x5 convolution over the map; key "dw_conv.conv".</summary>
internal sealed class DWConv2d : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv;

    public DWConv2d(long channels)
        : base(nameof(DWConv2d))
    {
        conv = nn.Conv2d(channels, channels, 5, padding: 2, groups: channels, bias: false);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> the same.</summary>
    public override Tensor forward(Tensor input) => conv.call(input);
}

/// <summary>What every gated propagation does with attended values: gate by U, mix neighbours, project (DeAOT section 3.3).</summary>
internal sealed class GatedProjection(DWConv2d dwConv, Linear projection)
{
    /// <summary>[B, L, 2E] and its gate of the same shape -> [B, L, E], on an H x W grid.</summary>
    public Tensor Forward(Tensor attended, Tensor gate, (long Height, long Width) grid)
    {
        using var scope = NewDisposeScope();
        var map = ChannelsLast.ToMap(attended * gate, grid.Height, grid.Width);
        return projection.call(ChannelsLast.ToSequence(dwConv.call(map))).MoveToOuterDisposeScope();
    }
}
