namespace HqTrack.Scenes.Rendering;

/// <summary>A quantity that is linear over the screen; (x, y) in pixels.</summary>
internal readonly struct Plane(float atOrigin, float x, float y)
{
    public readonly float Origin = atOrigin;
    public readonly float X = x;
    public readonly float Y = y;

    public float At(float px, float py) => Origin + (X * px) + (Y * py);
}

internal interface IPixelVisitor
{
    void Visit(int pixel, float nearness);
}

/// <summary>
/// A triangle ready to be filled: edge functions in whole numbers of 1/256 pixel with the top-left rule, so that neighbours share
/// every sample exactly once, whatever the machine.
/// </summary>
internal struct ScreenTriangle
{
    /// <summary>Sub-pixels per pixel.</summary>
    public const int Sub = 256;

    /// <summary>The pixels to visit; Right and Bottom are inclusive.</summary>
    public int Left;
    public int Top;
    public int Right;
    public int Bottom;

    /// <summary>Edge i at sub-pixel (x, y) is Ai x + Bi y + Ci; a sample is inside where none is negative.</summary>
    public long A0;
    public long A1;
    public long A2;
    public long B0;
    public long B1;
    public long B2;
    public long C0;
    public long C1;
    public long C2;

    /// <summary>Nearness over the screen.</summary>
    public Plane Nearness;

    private double originX;
    private double originY;
    private double x1;
    private double y1;
    private double x2;
    private double y2;
    private double inverseArea;

    /// <summary>False where the triangle faces away, has no area or covers no pixel of the picture.</summary>
    public static bool TryCreate(in Corner a, in Corner b, in Corner c, int width, int height, out ScreenTriangle triangle)
    {
        triangle = default;
        var (ax, ay) = (Snap(a.X), Snap(a.Y));
        var (bx, by) = (Snap(b.X), Snap(b.Y));
        var (cx, cy) = (Snap(c.X), Snap(c.Y));
        var area = ((bx - ax) * (cy - ay)) - ((by - ay) * (cx - ax));
        if (area <= 0)
        {
            return false;
        }

        triangle.Left = (int)Math.Max(0, Math.Min(ax, Math.Min(bx, cx)) >> 8);
        triangle.Top = (int)Math.Max(0, Math.Min(ay, Math.Min(by, cy)) >> 8);
        triangle.Right = (int)Math.Min(width - 1, Math.Max(ax, Math.Max(bx, cx)) >> 8);
        triangle.Bottom = (int)Math.Min(height - 1, Math.Max(ay, Math.Max(by, cy)) >> 8);
        if (triangle.Left > triangle.Right || triangle.Top > triangle.Bottom)
        {
            return false;
        }

        (triangle.A0, triangle.B0, triangle.C0) = Edge(ax, ay, bx, by);
        (triangle.A1, triangle.B1, triangle.C1) = Edge(bx, by, cx, cy);
        (triangle.A2, triangle.B2, triangle.C2) = Edge(cx, cy, ax, ay);
        (triangle.originX, triangle.originY) = (ax / (double)Sub, ay / (double)Sub);
        (triangle.x1, triangle.y1) = ((bx - ax) / (double)Sub, (by - ay) / (double)Sub);
        (triangle.x2, triangle.y2) = ((cx - ax) / (double)Sub, (cy - ay) / (double)Sub);
        triangle.inverseArea = (double)Sub * Sub / area;
        triangle.Nearness = triangle.Interpolate(a.Nearness, b.Nearness, c.Nearness);
        return true;
    }

    /// <summary>Visits every pixel whose centre is inside.</summary>
    /// <param name="width">Of the picture.</param>
    /// <param name="visitor">Gets the pixel's number and its nearness.</param>
    public readonly void Fill<TVisitor>(int width, ref TVisitor visitor)
        where TVisitor : struct, IPixelVisitor
    {
        var (step0, step1, step2) = (A0 * Sub, A1 * Sub, A2 * Sub);
        long startX = (Left * Sub) + (Sub / 2);
        for (var y = Top; y <= Bottom; y++)
        {
            long centerY = (y * Sub) + (Sub / 2);
            var e0 = (A0 * startX) + (B0 * centerY) + C0;
            var e1 = (A1 * startX) + (B1 * centerY) + C1;
            var e2 = (A2 * startX) + (B2 * centerY) + C2;
            for (var x = Left; x <= Right; x++)
            {
                if ((e0 | e1 | e2) >= 0)
                {
                    visitor.Visit((y * width) + x, Nearness.At(x + 0.5f, y + 0.5f));
                }

                e0 += step0;
                e1 += step1;
                e2 += step2;
            }
        }
    }

    /// <summary>The plane through a quantity's values at the three corners.</summary>
    public readonly Plane Interpolate(double a, double b, double c)
    {
        var x = (((b - a) * y2) - ((c - a) * y1)) * inverseArea;
        var y = (((c - a) * x1) - ((b - a) * x2)) * inverseArea;
        return new((float)(a - (x * originX) - (y * originY)), (float)x, (float)y);
    }

    private static long Snap(double pixels) => (long)Math.Floor((pixels * Sub) + 0.5);

    private static (long A, long B, long C) Edge(long x0, long y0, long x1, long y1)
    {
        var (dx, dy) = (x1 - x0, y1 - y0);
        var isTopLeft = dy < 0 || (dy == 0 && dx > 0);
        return (-dy, dx, (dy * x0) - (dx * y0) - (isTopLeft ? 0 : 1));
    }
}
