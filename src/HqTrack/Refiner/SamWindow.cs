using HqTrack.Media;
using HqTrack.Refiner.Sam;

namespace HqTrack.Refiner;

/// <summary>The part of a frame that a network of the SAM family looks at, in whole pixels.</summary>
internal readonly record struct SamWindow(int X, int Y, int Width, int Height)
{
    private const double Least = 240;        // pixels: below, there is little around the object that says what it is
    private const double Slimness = 0.6;     // the short side against the long one, at least
    private const double Step = 1.2;         // between two sizes of windows
    private const int Places = 16;           // steps of a window's position, in parts of its length
    private const double Most = 0.8;         // of a frame's side: a window longer on both is the frame

    /// <summary>All of a frame.</summary>
    public static SamWindow Whole(int width, int height) => new(0, 0, width, height);

    /// <summary>
    /// The window around an object. Sizes and positions come in steps, so that clicks that move the object's box by little look through the same window, which is encoded once.
    /// </summary>
    /// <param name="box">The object.</param>
    /// <param name="margin">Length of the window over the object's.</param>
    /// <param name="width">Of the frame.</param>
    /// <param name="height">Of the frame.</param>
    public static SamWindow Around(Corners box, double margin, int width, int height)
    {
        double across = margin * (box.Right - box.Left + 1), down = margin * (box.Bottom - box.Top + 1);
        var length = Math.Max(across, down);
        int w = Size(Math.Max(across, Slimness * length)), h = Size(Math.Max(down, Slimness * length));
        return w >= Most * width && h >= Most * height
            ? Whole(width, height)
            : new(Start(box.Left, box.Right, ref w, width), Start(box.Top, box.Bottom, ref h, height), w, h);
    }

    /// <summary>The frame's pixels in the window.</summary>
    public Frame Cut(Frame frame)
    {
        if (this == Whole(frame.Width, frame.Height))
        {
            return frame;
        }

        var rgb = new byte[Width * Height * 3];
        for (var y = 0; y < Height; y++)
        {
            frame.Rgb.AsSpan((((Y + y) * frame.Width) + X) * 3, Width * 3).CopyTo(rgb.AsSpan(y * Width * 3));
        }

        return new(rgb, Width, Height, frame.Index);
    }

    private static int Size(double wanted) =>
        (int)Math.Round(Least * Math.Pow(Step, Math.Ceiling(Math.Log(Math.Max(wanted, Least) / Least, Step) - 1e-9)));

    private static int Start(double from, double to, ref int length, int limit)
    {
        length = Math.Min(length, limit);
        var place = Math.Max(1, length / Places);
        var start = (int)Math.Round(((from + to + 1) / 2 - (length / 2.0)) / place) * place;
        return Math.Clamp(start, 0, limit - length);
    }
}
