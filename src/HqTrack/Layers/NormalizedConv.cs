using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Layers;

/// <summary>
/// A convolution and its frozen batch norm as one operation. Not a module: the two parts are registered by their owner under
/// the published keys.
/// </summary>
/// <remarks>
/// The norm is applied to the weights (a few thousand values) instead of the activations; gradients reach the convolution's weight
/// all the same. <see cref="Fold"/> keeps the product for inference.
/// </remarks>
internal sealed class NormalizedConv(Conv2d conv, FrozenBatchNorm2d norm, long stride = 1, long padding = 0, long dilation = 1, long groups = 1) : IDisposable
{
    private readonly long[] strides = [stride, stride];
    private readonly long[] paddings = [padding, padding];
    private readonly long[] dilations = [dilation, dilation];
    private Tensor? foldedWeight;
    private Tensor? foldedBias;

    /// <summary>[B, C, H, W] -> [B, C', H', W'].</summary>
    public Tensor Forward(Tensor x)
    {
        if (foldedWeight is not null)
        {
            return Convolve(x, foldedWeight, foldedBias);
        }

        using var scope = NewDisposeScope();
        var (scale, shift) = norm.Affine();
        var weight = conv.weight * scale.view(-1, 1, 1, 1);
        return Convolve(x, weight, shift).MoveToOuterDisposeScope();
    }

    /// <summary>Weight and bias once folded, null before.</summary>
    public (Tensor Weight, Tensor Bias)? Folded => foldedWeight is null ? null : (foldedWeight, foldedBias!);

    /// <summary>Computes the folded weights once; later changes of the parts are not seen until <see cref="Unfold"/>.</summary>
    public void Fold()
    {
        Unfold();
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var (scale, shift) = norm.Affine();
        foldedWeight = Ops.ChannelsLast.Of(conv.weight * scale.view(-1, 1, 1, 1)).DetachFromDisposeScope();
        foldedBias = shift.DetachFromDisposeScope();
    }

    /// <summary>Drops the folded weights.</summary>
    public void Unfold()
    {
        foldedWeight?.Dispose();
        foldedBias?.Dispose();
        foldedWeight = foldedBias = null;
    }

    public void Dispose() => Unfold();

    private Tensor Convolve(Tensor x, Tensor weight, Tensor? bias) => Ops.WidePointwise.Fits(weight, padding, groups)
        ? Ops.WidePointwise.Forward(x, weight, bias, stride)
        : nn.functional.conv2d(x, weight, bias, strides, paddings, dilations, groups);
}
