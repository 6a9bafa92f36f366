using System.Numerics;
using System.Runtime.Intrinsics;
using HqTrack.Ops.Simd;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Deformable convolution v3 on the CPU: from tensors to the kernel of the right vector width. Arguments as in <see cref="Dcnv3"/>.</summary>
internal static unsafe class Dcnv3Cpu
{
    /// <summary>The output [B, H', W', G * C].</summary>
    public static Tensor Forward(Tensor input, Tensor offset, Tensor mask, Dcnv3Geometry geometry, VectorWidth limit = VectorWidth.Bits512)
    {
        using var scope = NewDisposeScope();
        var call = new Call(input, offset, mask, geometry);
        var output = empty(call.Shape.Batch, call.Shape.OutHeight, call.Shape.OutWidth, call.Shape.AllChannels, dtype: input.dtype);
        if (input.dtype == ScalarType.Float64)
        {
            Forward<double, double, SimdScalar<double>>(call, output);
            return output.MoveToOuterDisposeScope();
        }

        switch (call.Width(limit))
        {
            case VectorWidth.Bits512: Forward<float, Vector512<float>, Simd512>(call, output); break;
            case VectorWidth.Bits256: Forward<float, Vector256<float>, Simd256>(call, output); break;
            case VectorWidth.Bits128: Forward<float, Vector128<float>, Simd128>(call, output); break;
            default: Forward<float, float, SimdScalar<float>>(call, output); break;
        }

        return output.MoveToOuterDisposeScope();
    }

    /// <summary>Gradients of input (null unless needed), offset and mask.</summary>
    public static (Tensor? Input, Tensor Offset, Tensor Mask) Backward(
        Tensor input, Tensor offset, Tensor mask, Tensor gradient, Dcnv3Geometry geometry, bool inputNeeded, VectorWidth limit = VectorWidth.Bits512)
    {
        using var scope = NewDisposeScope();
        var call = new Call(input, offset, mask, geometry);
        var result = new Gradients(
            gradient.contiguous(), inputNeeded ? zeros(input.shape, dtype: input.dtype) : null, empty(offset.shape, dtype: input.dtype), empty(mask.shape, dtype: input.dtype));
        if (input.dtype == ScalarType.Float64)
        {
            Backward<double, double, SimdScalar<double>>(call, result);
        }
        else
        {
            switch (call.Width(limit))
            {
                case VectorWidth.Bits512: Backward<float, Vector512<float>, Simd512>(call, result); break;
                case VectorWidth.Bits256: Backward<float, Vector256<float>, Simd256>(call, result); break;
                case VectorWidth.Bits128: Backward<float, Vector128<float>, Simd128>(call, result); break;
                default: Backward<float, float, SimdScalar<float>>(call, result); break;
            }
        }

        return (result.Input?.MoveToOuterDisposeScope(), result.Offset.MoveToOuterDisposeScope(), result.Mask.MoveToOuterDisposeScope());
    }

    private static void Forward<T, V, S>(Call call, Tensor output)
        where T : unmanaged, IFloatingPointIeee754<T>
        where V : struct
        where S : struct, ISimd<T, V> =>
        new Dcnv3Kernel<T, V, S>(call.Shape).Forward(
            TensorSpan.Pointer<T>(call.Input), TensorSpan.Pointer<T>(call.Offset), TensorSpan.Pointer<T>(call.Mask), TensorSpan.Pointer<T>(output));

    private static void Backward<T, V, S>(Call call, Gradients result)
        where T : unmanaged, IFloatingPointIeee754<T>
        where V : struct
        where S : struct, ISimd<T, V> =>
        new Dcnv3Kernel<T, V, S>(call.Shape).Backward(
            TensorSpan.Pointer<T>(call.Input), TensorSpan.Pointer<T>(call.Offset), TensorSpan.Pointer<T>(call.Mask), TensorSpan.Pointer<T>(result.Upstream),
            result.Input is null ? null : TensorSpan.Pointer<T>(result.Input), TensorSpan.Pointer<T>(result.Offset), TensorSpan.Pointer<T>(result.Mask));

    private sealed class Call(Tensor input, Tensor offset, Tensor mask, Dcnv3Geometry geometry)
    {
        public Tensor Input { get; } = input.contiguous();

        public Tensor Offset { get; } = offset.contiguous();

        public Tensor Mask { get; } = mask.contiguous();

        public Dcnv3Shape Shape { get; } = new((int)input.size(0), (int)input.size(1), (int)input.size(2), (int)input.size(3) / geometry.Groups, geometry);

        public VectorWidth Width(VectorWidth limit) => VectorWidths.Dividing(Shape.Channels, limit < VectorWidths.Best ? limit : VectorWidths.Best);
    }

    private sealed record Gradients(Tensor Upstream, Tensor? Input, Tensor Offset, Tensor Mask);
}
