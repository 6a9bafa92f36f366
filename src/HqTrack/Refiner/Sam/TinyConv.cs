using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>Convolution without bias and batch norm (eps 1e-5), keys c and bn; one convolution once folded.</summary>
internal sealed class ConvBn : nn.Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-5;

    private readonly Conv2d c;
    private readonly BatchNorm2d bn;
    private readonly long[] strides;
    private readonly long[] paddings;
    private readonly long groups;
    private (Tensor Weight, Tensor Bias)? folded;

    public ConvBn(int inChannels, int outChannels, int kernelSize, int stride = 1, int padding = 0, int groups = 1)
        : base(nameof(ConvBn))
    {
        (strides, paddings, this.groups) = ([stride, stride], [padding, padding], groups);
        c = nn.Conv2d(inChannels, outChannels, kernelSize, stride: stride, padding: padding, groups: groups, bias: false);
        bn = nn.BatchNorm2d(outChannels, Epsilon);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> [B, C', H/stride, W/stride].</summary>
    public override Tensor forward(Tensor input)
    {
        if (folded is { } constant)
        {
            return nn.functional.conv2d(input, constant.Weight, constant.Bias, strides, paddings, [1, 1], groups);
        }

        using var scope = NewDisposeScope();
        return bn.call(c.call(input)).MoveToOuterDisposeScope();
    }

    /// <summary>Computes the single convolution; later changes of the parts are not seen.</summary>
    public void Fold()
    {
        Unfold();
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var scale = bn.weight! * (bn.running_var! + Epsilon).rsqrt();
        var bias = bn.bias! - (bn.running_mean! * scale);
        folded = (ChannelsLast.Of(c.weight! * scale.view(-1, 1, 1, 1)).DetachFromDisposeScope(), bias.DetachFromDisposeScope());
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Unfold();
        }

        base.Dispose(disposing);
    }

    private void Unfold()
    {
        folded?.Weight.Dispose();
        folded?.Bias.Dispose();
        folded = null;
    }
}

/// <summary>MobileNet's inverted bottleneck with GELU, also after the residual.</summary>
internal sealed class MBConv : nn.Module<Tensor, Tensor>
{
    private readonly ConvBn conv1;
    private readonly ConvBn conv2;
    private readonly ConvBn conv3;

    public MBConv(int inChannels, int outChannels, int expansion)
        : base(nameof(MBConv))
    {
        var hidden = inChannels * expansion;
        conv1 = new ConvBn(inChannels, hidden, 1);
        conv2 = new ConvBn(hidden, hidden, 3, padding: 1, groups: hidden);
        conv3 = new ConvBn(hidden, outChannels, 1);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> [B, C, H, W].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = FeedForward.Gelu(conv1.call(input));
        x = FeedForward.Gelu(conv2.call(x));
        return FeedForward.Gelu(conv3.call(x).add_(input)).MoveToOuterDisposeScope();
    }
}

/// <summary>Hands a map to the next stage: halves it, except towards the widest stages, which keep their size.</summary>
internal sealed class PatchMerging : nn.Module<Tensor, Tensor>
{
    private readonly ConvBn conv1;
    private readonly ConvBn conv2;
    private readonly ConvBn conv3;

    public PatchMerging(int inChannels, int outChannels)
        : base(nameof(PatchMerging))
    {
        conv1 = new ConvBn(inChannels, outChannels, 1);
        conv2 = new ConvBn(outChannels, outChannels, 3, stride: outChannels is 320 or 448 or 576 ? 1 : 2, padding: 1, groups: outChannels);
        conv3 = new ConvBn(outChannels, outChannels, 1);
        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> [B, C', H', W'].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = FeedForward.Gelu(conv1.call(input));
        x = FeedForward.Gelu(conv2.call(x));
        return conv3.call(x).MoveToOuterDisposeScope();
    }
}
