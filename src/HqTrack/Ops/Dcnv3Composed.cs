using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>
/// Deformable convolution v3 composed of library operations: one bilinear sample per output, group and kernel point through
/// grid_sample, then a weighted sum (Wang et al. 2023, InternImage; its pure-PyTorch <c>dcnv3_core</c>). Devices other than the
/// CPU, and what the kernel is tested against; differentiates by autograd.
/// </summary>
internal static class Dcnv3Composed
{
    /// <summary>
    /// output[g, c] = sum over points p of mask[g, p] * input[g, c] at (corner + scale * (point p + offset[g, p])); what lies outside
    /// the input counts as 0.
    /// </summary>
    /// <param name="input">[B, H, W, G * C]</param>
    /// <param name="offset">[B, H', W', G * K * K * 2], x before y, in pixels; the kernel's points run over y in the inner loop.</param>
    /// <param name="mask">[B, H', W', G * K * K]</param>
    /// <param name="geometry">Groups, kernel, stride, padding, dilation, offset scale.</param>
    /// <returns>[B, H', W', G * C]</returns>
    public static Tensor Forward(Tensor input, Tensor offset, Tensor mask, Dcnv3Geometry geometry)
    {
        using var scope = NewDisposeScope();
        long batch = input.size(0), height = input.size(1), width = input.size(2), channels = input.size(3) / geometry.Groups;
        long outHeight = geometry.Output(height), outWidth = geometry.Output(width), length = outHeight * outWidth;
        Debug.Assert(offset.size(1) == outHeight && offset.size(2) == outWidth, "offsets of another grid");
        long groups = geometry.Groups, points = geometry.Points;

        // Positions in pixels of the unpadded input; zero padding needs no copy because samples outside are zero already.
        var anchors = Points(geometry, outHeight, outWidth, input.dtype, input.device); // [L, P, 2]
        var moved = offset.view(batch, length, groups, points, 2).transpose(1, 2) * geometry.OffsetScale; // [B, G, L, P, 2]
        var size = tensor(new[] { (double)width, height }, dtype: input.dtype, device: input.device);
        var grid = (((moved + anchors) * 2) + 1) / size - 1; // align_corners = false: pixel x is at (2 x + 1) / W - 1
        var source = input.view(batch, height * width, groups * channels).transpose(1, 2).reshape(batch * groups, channels, height, width);
        var sampled = nn.functional.grid_sample(
            source, grid.reshape(batch * groups, length, points, 2), mode: GridSampleMode.Bilinear, padding_mode: GridSamplePaddingMode.Zeros, align_corners: false);
        var weights = mask.view(batch, length, groups, points).transpose(1, 2).reshape(batch * groups, 1, length, points);
        return (sampled * weights).sum(-1) // [B * G, C, L, P] -> [B * G, C, L]
            .view(batch, groups * channels, length).transpose(1, 2).reshape(batch, outHeight, outWidth, groups * channels)
            .contiguous().MoveToOuterDisposeScope();
    }

    // Where each output's kernel points lie before offsets: [H' * W', K * K, 2], x-major.
    private static Tensor Points(Dcnv3Geometry geometry, long outHeight, long outWidth, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        var corner = geometry.Reach - geometry.Padding;
        var x = (arange(outWidth, dtype: dtype, device: device) * geometry.Stride) + corner;
        var y = (arange(outHeight, dtype: dtype, device: device) * geometry.Stride) + corner;
        var tap = ((arange(geometry.Kernel, dtype: dtype, device: device) * geometry.Dilation) - geometry.Reach) * geometry.OffsetScale;
        long[] shape = [outHeight, outWidth, geometry.Kernel, geometry.Kernel];
        var xs = (x.view(1, -1, 1, 1) + tap.view(1, 1, -1, 1)).expand(shape);
        var ys = (y.view(-1, 1, 1, 1) + tap.view(1, 1, 1, -1)).expand(shape);
        return stack([xs, ys], -1).view(outHeight * outWidth, geometry.Points, 2).MoveToOuterDisposeScope();
    }
}
