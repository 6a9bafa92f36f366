using HqTrack.Media;
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

    /// <summary>
    /// RGB bytes -> [1, 3, height, width], bicubic (a = -0.75, no antialias, as the published pipeline), mean and deviation removed.
    /// </summary>
    public static Tensor From(Frame frame, int width, int height, Device device)
    {
        using var scope = NewDisposeScope();
        var bytes = empty([frame.Height, frame.Width, 3], dtype: ScalarType.Byte);
        frame.Rgb.CopyTo(TensorSpan.Of<byte>(bytes));
        var x = bytes.to(device).to(ScalarType.Float32).permute(2, 0, 1).unsqueeze(0); // [1, 3, H, W], channels_last
        if (frame.Width != width || frame.Height != height)
        {
            x = nn.functional.interpolate(x, size: [height, width], mode: InterpolationMode.Bicubic, align_corners: false);
        }

        var mean = tensor(Mean, device: device).view(1, 3, 1, 1) * 255;
        var deviation = tensor(Deviation, device: device).view(1, 3, 1, 1) * 255;
        return ((x - mean) / deviation).MoveToOuterDisposeScope();
    }
}
