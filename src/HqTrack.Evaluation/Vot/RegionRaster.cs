namespace HqTrack.Evaluation.Vot;

/// <summary>Regions as pixels, exactly as the VOT toolkit rasterises them.</summary>
internal static class RegionRaster
{
    private const long MaxPixels = 1 << 28;

    /// <summary>The pixels of a region inside a box, row-major, 0 or 1. Coordinates are rounded half to even first.</summary>
    /// <exception cref="EvaluationException">The box is too large to hold.</exception>
    public static byte[] Draw(Region region, Bounds within)
    {
        var (width, height) = (within.Right - within.Left + 1, within.Bottom - within.Top + 1);
        if (width <= 0 || height <= 0)
        {
            return [];
        }

        if (width > MaxPixels || height > MaxPixels || width * height > MaxPixels)
        {
            throw new EvaluationException($"a region reaches over {width}x{height} pixels, expected at most {MaxPixels / 1_000_000} million; check its coordinates.");
        }

        var pixels = new byte[width * height];
        switch (region)
        {
            case Region.Rectangle box:
                DrawRectangle(Bounds.Of(box), within, pixels, (int)width);
                break;
            case Region.Polygon polygon:
                DrawPolygon(polygon, within, pixels, (int)width, (int)height);
                break;
            case Region.Mask mask:
                DrawMask(mask, within, pixels, (int)width);
                break;
            default:
                break;
        }

        return pixels;
    }

    // Where the box begins left of or above the image, the toolkit ends the rectangle too early: it takes the box's absolute end for
    // a relative one (and, as an array index, counts a negative one from the far side). Boxes inside the image never show this.
    private static void DrawRectangle(Bounds box, Bounds within, byte[] pixels, int width)
    {
        if (box.Clip(within) is var common && (common.Left > common.Right || common.Top > common.Bottom))
        {
            return;
        }

        var (left, right) = (Math.Max(0, box.Left - within.Left), End(box.Right - within.Left, within.Right, width));
        var (top, bottom) = (Math.Max(0, box.Top - within.Top), End(box.Bottom - within.Top, within.Bottom, pixels.Length / width));
        for (var y = top; y < bottom && left < right; y++)
        {
            pixels.AsSpan((int)((y * width) + left), (int)(right - left)).Fill(1);
        }

        static long End(long last, long limit, int side)
        {
            var end = Math.Min(last, limit) + 1;
            return Math.Clamp(end < 0 ? end + side : end, 0, side);
        }
    }

    private static void DrawMask(Region.Mask mask, Bounds within, byte[] pixels, int width)
    {
        var inside = new Bounds(mask.X, mask.Y, (long)mask.X + mask.Width - 1, (long)mask.Y + mask.Height - 1).Clip(within);
        for (var y = inside.Top; y <= inside.Bottom && inside.Left <= inside.Right; y++)
        {
            mask.Pixels.AsSpan((int)(((y - mask.Y) * mask.Width) + inside.Left - mask.X), (int)(inside.Right - inside.Left + 1))
                .CopyTo(pixels.AsSpan((int)(((y - within.Top) * width) + inside.Left - within.Left)));
        }
    }

    // Scan lines: every edge that touches a row adds its crossing, truncated; pixels between pairs of crossings are set, both ends included.
    private static void DrawPolygon(Region.Polygon polygon, Bounds within, byte[] pixels, int width, int height)
    {
        var count = polygon.Points.Count / 2;
        var (xs, ys) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            xs[i] = Bounds.Round(polygon.Points[2 * i]) - within.Left;
            ys[i] = Bounds.Round(polygon.Points[(2 * i) + 1]) - within.Top;
        }

        var crossings = new long[count];
        for (var y = 0; y < height; y++)
        {
            var found = 0;
            for (var (i, j) = (0, count - 1); i < count; j = i++)
            {
                if (Math.Min(ys[i], ys[j]) <= y && y <= Math.Max(ys[i], ys[j]))
                {
                    var rise = ys[j] - ys[i];
                    crossings[found++] = rise == 0 ? (long)xs[i] : (long)(xs[i] + ((y - ys[i]) / rise * (xs[j] - xs[i])));
                }
            }

            crossings.AsSpan(0, found).Sort();
            Fill(crossings.AsSpan(0, found), pixels.AsSpan(y * width, width));
        }
    }

    private static void Fill(ReadOnlySpan<long> crossings, Span<byte> row)
    {
        for (var i = 0; i < crossings.Length - 1 && crossings[i] < row.Length; i += 2)
        {
            if (crossings[i] == crossings[i + 1] && i < crossings.Length - 2)
            {
                i--; // a corner gives its crossing twice: skip one of them
                continue;
            }

            var (left, right) = (Math.Max(crossings[i], 0), Math.Min(crossings[i + 1], row.Length - 1));
            if (left <= right)
            {
                row[(int)left..((int)right + 1)].Fill(1);
            }
        }
    }
}
