using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Deformable convolution v3 (Wang et al. 2023, InternImage), channels last.</summary>
internal static class Dcnv3
{
    private const long MaxPixels = 1 << 24; // the kernel computes pixel numbers in float

    /// <summary>
    /// output[g, c] = sum over points p of mask[g, p] * input[g, c] at (corner + scale * (point p + offset[g, p])), bilinear; what lies
    /// outside the input counts as 0. On the CPU an own kernel runs, with gradients for all three; run backward inside a dispose scope,
    /// which then holds the gradients on their way. On other devices it is composed of library operations.
    /// </summary>
    /// <param name="input">[B, H, W, G * C], float32 (float64 on the CPU is for checking gradients); H * W at most 2^24, H * W * G * C below 2^31.</param>
    /// <param name="offset">[B, H', W', G * K * K * 2], x before y, in pixels; the kernel's points run over y in the inner loop.</param>
    /// <param name="mask">[B, H', W', G * K * K]</param>
    /// <param name="geometry">Groups, kernel, stride, padding, dilation, offset scale.</param>
    /// <returns>[B, H', W', G * C]</returns>
    /// <exception cref="ArgumentException">Shapes or types that do not fit together.</exception>
    public static Tensor Forward(Tensor input, Tensor offset, Tensor mask, Dcnv3Geometry geometry)
    {
        Check(input, offset, mask, geometry);
        if (input.device_type != DeviceType.CPU)
        {
            return Dcnv3Composed.Forward(input, offset, mask, geometry);
        }

        if (!is_grad_enabled() || !(input.requires_grad || offset.requires_grad || mask.requires_grad))
        {
            return Dcnv3Cpu.Forward(input, offset, mask, geometry);
        }

        using var scope = NewDisposeScope();
        return Dcnv3Function.apply(input, offset, mask, geometry).MoveToOuterDisposeScope();
    }

    private static void Check(Tensor input, Tensor offset, Tensor mask, Dcnv3Geometry geometry)
    {
        static bool Is(Tensor x, params ReadOnlySpan<long> shape) => x.shape.AsSpan().SequenceEqual(shape);
        long points = (long)geometry.Groups * geometry.Points;
        long height = 0, width = 0;
        if (input.dim() == 4)
        {
            (height, width) = (geometry.Output(input.size(1)), geometry.Output(input.size(2)));
        }

        if (input.dim() != 4 || input.size(3) % geometry.Groups != 0 || input.size(1) * input.size(2) > MaxPixels
            || input.size(1) * input.size(2) * input.size(3) > int.MaxValue || height < 1 || width < 1
            || !Is(offset, input.size(0), height, width, 2 * points) || !Is(mask, input.size(0), height, width, points))
        {
            throw new ArgumentException(
                $"Deformable convolution ({geometry}): input is [{string.Join(", ", input.shape)}], offset [{string.Join(", ", offset.shape)}], "
                + $"mask [{string.Join(", ", mask.shape)}]; expected [B, H, W, a multiple of {geometry.Groups}] of at most {MaxPixels} pixels and {int.MaxValue} numbers, "
                + $"[B, {height}, {width}, {2 * points}], [B, {height}, {width}, {points}].");
        }

        if (input.device_type == DeviceType.CPU
            && (input.dtype is not (ScalarType.Float32 or ScalarType.Float64) || offset.dtype != input.dtype || mask.dtype != input.dtype))
        {
            throw new ArgumentException($"Deformable convolution of {input.dtype}, {offset.dtype}, {mask.dtype}; expected Float32 throughout.");
        }
    }
}
