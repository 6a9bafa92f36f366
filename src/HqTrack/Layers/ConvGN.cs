using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Layers;

/// <summary>Convolution (same padding) and group norm with 8 groups, without activation (aot-benchmark <c>ConvGN</c>).</summary>
internal sealed class ConvGN : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv;
    private readonly GroupNorm gn;

    public ConvGN(long inChannels, long outChannels, long kernelSize)
        : base(nameof(ConvGN))
    {
        conv = nn.Conv2d(inChannels, outChannels, kernelSize, padding: kernelSize / 2);
        gn = GroupNorms.Create(8, outChannels);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> [B, C', H, W].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return gn.call(conv.call(input)).MoveToOuterDisposeScope();
    }
}
