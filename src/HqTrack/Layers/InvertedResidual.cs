using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Layers;

/// <summary>Convolution, frozen batch norm, ReLU6; keys "0" and "1".</summary>
internal sealed class ConvBnRelu6 : nn.Module<Tensor, Tensor>, IFoldable
{
    private readonly NormalizedConv normalized;

    public ConvBnRelu6(long inChannels, long outChannels, long kernelSize, long stride = 1, long dilation = 1, long groups = 1)
        : base(nameof(ConvBnRelu6))
    {
        var padding = (kernelSize - 1) / 2 * dilation;
        var conv = nn.Conv2d(inChannels, outChannels, kernelSize, stride, padding, dilation, groups: groups, bias: false);
        var norm = new FrozenBatchNorm2d(outChannels);
        nn.init.kaiming_normal_(conv.weight, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU);
        normalized = new NormalizedConv(conv, norm, stride, padding, dilation, groups);
        register_module("0", conv);
        register_module("1", norm);
    }

    /// <summary>[B, C, H, W] -> [B, C', H/stride, W/stride].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return nn.functional.relu6(normalized.Forward(input), inplace: true).MoveToOuterDisposeScope();
    }

    /// <summary>Weight and bias once folded, null before.</summary>
    public (Tensor Weight, Tensor Bias)? Folded => normalized.Folded;

    public void Fold() => normalized.Fold();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            normalized.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>MobileNetV2's block: expand 1x1, depthwise 3x3, linear projection, and a residual where shapes allow.</summary>
internal sealed class InvertedResidual : nn.Module<Tensor, Tensor>, IFoldable
{
    private readonly ModuleList<nn.Module> conv = [];
    private readonly NormalizedConv projection;
    private readonly ConvBnRelu6[] activated;
    private readonly bool hasResidual;
    private readonly int stride;
    private readonly bool isDilated;
    private InvertedBottleneck? fused;

    public InvertedResidual(int inChannels, int outChannels, int stride, int dilation, int expansion)
        : base(nameof(InvertedResidual))
    {
        var hidden = inChannels * expansion;
        hasResidual = stride == 1 && inChannels == outChannels;
        (this.stride, isDilated) = (stride, dilation > 1);
        if (expansion != 1)
        {
            conv.Add(new ConvBnRelu6(inChannels, hidden, kernelSize: 1));
        }

        conv.Add(new ConvBnRelu6(hidden, hidden, kernelSize: 3, stride, dilation, groups: hidden));
        activated = [.. conv.Cast<ConvBnRelu6>()];
        var linear = nn.Conv2d(hidden, outChannels, 1, bias: false);
        var norm = new FrozenBatchNorm2d(outChannels);
        nn.init.kaiming_normal_(linear.weight, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU);
        conv.Add(linear);
        conv.Add(norm);
        projection = new NormalizedConv(linear, norm);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> [B, C', H/stride, W/stride].</summary>
    public override Tensor forward(Tensor input)
    {
        if (fused?.Fits(input) == true)
        {
            return fused.Forward(input);
        }

        using var scope = NewDisposeScope();
        var x = input;
        foreach (var block in activated)
        {
            x = block.call(x);
        }

        x = projection.Forward(x);
        return (hasResidual ? x.add_(input) : x).MoveToOuterDisposeScope();
    }

    public void Fold()
    {
        foreach (var block in activated)
        {
            block.Fold();
        }

        projection.Fold();
        fused?.Dispose();
        fused = isDilated || !InvertedBottleneck.IsFor(projection.Folded!.Value.Weight) ? null : new(activated.Length > 1 ? activated[0].Folded : null, activated[^1].Folded!.Value, projection.Folded!.Value, stride, hasResidual);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            projection.Dispose();
            fused?.Dispose();
        }

        base.Dispose(disposing);
    }
}
