using HqTrack.Media;
using HqTrack.Ops;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>
/// How a frame lies in the network's square: scaled to the long side, at the top left, padded right and bottom
/// (segment_anything/utils/transforms.py, modeling/sam.py).
/// </summary>
/// <param name="Original">Size of the frame.</param>
/// <param name="Scaled">Size of the frame inside the square.</param>
/// <param name="Square">Side of the square.</param>
internal readonly record struct SamInput((int Width, int Height) Original, (int Width, int Height) Scaled, int Square)
{
    // Mean and deviation per channel on values 0..255.
    private static readonly float[] Mean = [123.675f, 116.28f, 103.53f];
    private static readonly float[] Deviation = [58.395f, 57.12f, 57.375f];

    /// <summary>The layout for a frame's size.</summary>
    public static SamInput For(int width, int height, int square) => new((width, height), PillowResize.LongestSide(width, height, square), square);

    /// <summary>The frame as network input, [1, 3, S, S]: resized as bytes, normalised, then padded with zeros.</summary>
    public Tensor Image(Frame frame, Device device)
    {
        using var scope = NewDisposeScope();
        var bytes = empty([Scaled.Height, Scaled.Width, 3], dtype: ScalarType.Byte);
        PillowResize.Bilinear(frame.Rgb, frame.Width, frame.Height, Scaled.Width, Scaled.Height, ParallelRows.Each).CopyTo(TensorSpan.Of<byte>(bytes));
        var x = (bytes.to(device).to(ScalarType.Float32) - tensor(Mean, device: device)) / tensor(Deviation, device: device); // [h, w, 3]
        var padded = zeros(Square, Square, 3, device: device);
        padded.narrow(0, 0, Scaled.Height).narrow(1, 0, Scaled.Width).copy_(x);
        return padded.permute(2, 0, 1).unsqueeze(0).MoveToOuterDisposeScope(); // channels_last
    }

    /// <summary>A position in the frame, in pixels of the square.</summary>
    public (float X, float Y) Position(double x, double y) =>
        ((float)(x * ((double)Scaled.Width / Original.Width)), (float)(y * ((double)Scaled.Height / Original.Height)));

    /// <summary>
    /// Decoder logits at the frame's size: bilinear to the square, padding cut off, bilinear to the frame (two steps, no antialias,
    /// as published). [B, m, h, w] -> [B, m, H, W].
    /// </summary>
    public Tensor Upscale(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return Bilinear(Bilinear(logits, Square, Square).narrow(2, 0, Scaled.Height).narrow(3, 0, Scaled.Width), Original.Height, Original.Width)
            .MoveToOuterDisposeScope();
    }

    private static Tensor Bilinear(Tensor x, long height, long width) =>
        nn.functional.interpolate(x, size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
}
