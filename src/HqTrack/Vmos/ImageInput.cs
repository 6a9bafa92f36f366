using HqTrack.Media;
using HqTrack.Ops;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Vmos;

/// <summary>Frames as network input.</summary>
internal static class ImageInput
{
    /// <summary>ImageNet mean per channel, on values 0..1.</summary>
    public static readonly float[] Mean = [0.485f, 0.456f, 0.406f];

    /// <summary>ImageNet standard deviation per channel.</summary>
    public static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    private static readonly float[][] Normalised = [Table(0.485, 0.229), Table(0.456, 0.224), Table(0.406, 0.225)];

    /// <summary>
    /// RGB bytes -> [1, 3, height, width] in channels_last memory: cubic resize rounded to bytes, mean and deviation removed, as the
    /// published pipeline does it.
    /// </summary>
    /// <param name="frame">The frame.</param>
    /// <param name="width">Input width.</param>
    /// <param name="height">Input height.</param>
    /// <param name="device">Where the tensor goes.</param>
    /// <param name="isMirrored">Whether left and right are exchanged.</param>
    public static Tensor From(Frame frame, int width, int height, Device device, bool isMirrored = false)
    {
        var rgb = OpenCvResize.Cubic(frame.Rgb, frame.Width, frame.Height, width, height, ParallelRows.Each);
        using var scope = NewDisposeScope();
        var image = empty([1, height, width, 3]);
        var target = TensorSpan.Of<float>(image);
        float[] red = Normalised[0], green = Normalised[1], blue = Normalised[2];
        for (var y = 0; y < height; y++)
        {
            var source = rgb.AsSpan(y * width * 3, width * 3);
            var row = target.Slice(y * width * 3, width * 3);
            for (int to = 0, from = isMirrored ? (width - 1) * 3 : 0; to < row.Length; to += 3, from += isMirrored ? -3 : 3)
            {
                row[to] = red[source[from]];
                row[to + 1] = green[source[from + 1]];
                row[to + 2] = blue[source[from + 2]];
            }
        }

        return image.to(device).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    private static float[] Table(double mean, double deviation) => [.. Enumerable.Range(0, 256).Select(value => (float)(((value / 255.0) - mean) / deviation))];
}
