namespace HqTrack.Evaluation.Vot;

/// <summary>A box of pixels, both ends included.</summary>
internal readonly record struct Bounds(long Left, long Top, long Right, long Bottom)
{
    /// <summary>The whole image.</summary>
    public static Bounds OfImage(int width, int height) => new(0, 0, width - 1, height - 1);

    /// <summary>The region's box as overlaps see it: special codes and points are the pixel (0, 0), empty masks their corner, coordinates rounded half to even.</summary>
    public static Bounds Of(Region region)
    {
        switch (region)
        {
            case Region.Rectangle box:
                var (x, y, width, height) = (Round(box.X), Round(box.Y), Round(box.Width), Round(box.Height));
                return new(x, y, x + width - 1, y + height - 1);
            case Region.Polygon polygon:
                var (xs, ys) = (polygon.Points.Where((_, i) => i % 2 == 0).ToArray(), polygon.Points.Where((_, i) => i % 2 == 1).ToArray());
                return new(Round(xs.Min()), Round(ys.Min()), Round(xs.Max()), Round(ys.Max()));
            case Region.Mask mask:
                var extent = mask.Extent();
                return new((long)mask.X + extent.Left, (long)mask.Y + extent.Top, (long)mask.X + extent.Right, (long)mask.Y + extent.Bottom);
            default:
                return default;
        }
    }

    /// <summary>The smallest box around both.</summary>
    public Bounds Union(Bounds other) =>
        new(Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));

    /// <summary>The part inside another box.</summary>
    public Bounds Clip(Bounds other) =>
        new(Math.Max(Left, other.Left), Math.Max(Top, other.Top), Math.Min(Right, other.Right), Math.Min(Bottom, other.Bottom));

    /// <summary>One pixel wide or tall, or less: too thin for the toolkit to look at.</summary>
    public bool IsThin => Left >= Right || Top >= Bottom;

    internal static long Round(float value) => (long)MathF.Round(value, MidpointRounding.ToEven);
}
