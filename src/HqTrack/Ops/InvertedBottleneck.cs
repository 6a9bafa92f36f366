using System.Runtime.Intrinsics;
using HqTrack.Ops.Simd;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>
/// MobileNetV2's block for inference as one operation: 1x1 expansion and ReLU6, depthwise 3x3 and ReLU6, 1x1 projection, residual (Sandler et al. 2018). Operation by operation the
/// expanded map, six times the input, goes through memory five times.
/// </summary>
internal sealed unsafe class InvertedBottleneck : IDisposable
{
    private readonly Tensor? expansion;
    private readonly Tensor? expansionBias;
    private readonly Tensor depthwise;
    private readonly Tensor depthwiseBias;
    private readonly Tensor projection;
    private readonly Tensor projectionBias;
    private readonly int stride;
    private readonly bool hasResidual;

    /// <param name="expansion">[hidden, C, 1, 1] and [hidden]; null where the block does not expand.</param>
    /// <param name="depthwise">[hidden, 1, 3, 3] and [hidden]</param>
    /// <param name="projection">[C', hidden, 1, 1] and [C']</param>
    /// <param name="stride">Of the depthwise convolution.</param>
    /// <param name="hasResidual">Whether the input is added.</param>
    public InvertedBottleneck((Tensor Weight, Tensor Bias)? expansion, (Tensor Weight, Tensor Bias) depthwise, (Tensor Weight, Tensor Bias) projection, int stride, bool hasResidual)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        static Tensor Transposed(Tensor weight) => weight.reshape(weight.size(0), -1).transpose(0, 1).contiguous().DetachFromDisposeScope();
        static Tensor Copy(Tensor bias) => bias.contiguous().clone().DetachFromDisposeScope();
        if (expansion is { } first)
        {
            (this.expansion, expansionBias) = (Transposed(first.Weight), Copy(first.Bias));
        }

        (this.depthwise, depthwiseBias) = (Transposed(depthwise.Weight), Copy(depthwise.Bias));
        (this.projection, projectionBias) = (Transposed(projection.Weight), Copy(projection.Bias));
        (this.stride, this.hasResidual) = (stride, hasResidual);
    }

    /// <summary>Whether weights or a map are float32 on the CPU.</summary>
    public static bool IsFor(Tensor x) => x.device_type == DeviceType.CPU && x.dtype == ScalarType.Float32;

    /// <summary>Whether an input belongs here: float32 on the CPU, without a gradient, with the block's channels.</summary>
    public bool Fits(Tensor x) => IsFor(x) && !(is_grad_enabled() && x.requires_grad) && x.dim() == 4 && x.size(1) == (expansion ?? projection).size(0);

    /// <summary>[B, C, H, W] -> [B, C', H', W'], channels_last.</summary>
    /// <param name="x">The map; as a rule channels_last.</param>
    /// <param name="limit">Widest vectors to use.</param>
    public Tensor Forward(Tensor x, VectorWidth limit = VectorWidth.Bits512)
    {
        using var scope = NewDisposeScope();
        var input = x.permute(0, 2, 3, 1).contiguous();
        var shape = new BottleneckShape(
            (int)input.size(0), (int)input.size(1), (int)input.size(2), (int)input.size(3), (int)depthwise.size(1), (int)projection.size(1), stride, expansion is not null, hasResidual);
        var output = empty(shape.Batch, shape.OutHeight, shape.OutWidth, shape.OutChannels);
        limit = VectorWidths.Dividing(shape.Hidden, VectorWidths.Dividing(shape.OutChannels, limit < VectorWidths.Best ? limit : VectorWidths.Best));
        switch (limit)
        {
            case VectorWidth.Bits512: Forward<Vector512<float>, Simd512>(shape, input, output); break;
            case VectorWidth.Bits256: Forward<Vector256<float>, Simd256>(shape, input, output); break;
            case VectorWidth.Bits128: Forward<Vector128<float>, Simd128>(shape, input, output); break;
            default: Forward<float, SimdScalar<float>>(shape, input, output); break;
        }

        return output.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        expansion?.Dispose();
        expansionBias?.Dispose();
        depthwise.Dispose();
        depthwiseBias.Dispose();
        projection.Dispose();
        projectionBias.Dispose();
    }

    private void Forward<V, S>(BottleneckShape shape, Tensor input, Tensor output)
        where V : struct
        where S : struct, ISimd<float, V> =>
        new InvertedBottleneckKernel<V, S>(shape).Forward(
            TensorSpan.Pointer<float>(input),
            new()
            {
                Expansion = expansion is null ? null : TensorSpan.Pointer<float>(expansion),
                ExpansionBias = expansionBias is null ? null : TensorSpan.Pointer<float>(expansionBias),
                Depthwise = TensorSpan.Pointer<float>(depthwise),
                DepthwiseBias = TensorSpan.Pointer<float>(depthwiseBias),
                Projection = TensorSpan.Pointer<float>(projection),
                ProjectionBias = TensorSpan.Pointer<float>(projectionBias),
            },
            TensorSpan.Pointer<float>(output));
}
