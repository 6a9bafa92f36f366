using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>Resizes with the published conventions.</summary>
internal static class Resize
{
    /// <summary>Bilinear, align_corners = true: [B, C, h, w] -> [B, C, height, width]. The same size returns an alias.</summary>
    public static Tensor Bilinear(Tensor x, long height, long width) => x.size(2) == height && x.size(3) == width
        ? x.alias()
        : nn.functional.interpolate(x, size: [height, width], mode: InterpolationMode.Bilinear, align_corners: true);
}
