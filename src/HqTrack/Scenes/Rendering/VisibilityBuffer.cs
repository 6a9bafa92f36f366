namespace HqTrack.Scenes.Rendering;

/// <summary>The nearest triangle at five samples of every pixel: its centre, which labels go by, and four on a rotated grid, for smooth edges.</summary>
internal sealed class VisibilityBuffer(int width, int height)
{
    public const int Samples = 5;
    public const int None = -1;

    private readonly float[] nearness = new float[width * height * Samples];

    /// <summary>Offsets from the pixel's centre in 1/256 pixel; sample 0 is the centre.</summary>
    public static ReadOnlySpan<int> OffsetX => [0, -32, 96, -96, 32];

    /// <inheritdoc cref="OffsetX"/>
    public static ReadOnlySpan<int> OffsetY => [0, -96, -32, 32, 96];

    /// <summary>The triangle's number at each sample, H x W x 5.</summary>
    public int[] Owners { get; } = new int[width * height * Samples];

    public void Clear()
    {
        nearness.AsSpan().Clear();
        Owners.AsSpan().Fill(None);
    }

    /// <summary>Fills a triangle where it is nearer than what is there.</summary>
    public void Draw(in ScreenTriangle t, int owner)
    {
        // What each edge and the nearness change from the centre to a sample, and the most of it.
        Span<long> d0 = stackalloc long[Samples];
        Span<long> d1 = stackalloc long[Samples];
        Span<long> d2 = stackalloc long[Samples];
        Span<float> dn = stackalloc float[Samples];
        var (reach0, reach1, reach2) = (0L, 0L, 0L);
        for (var s = 0; s < Samples; s++)
        {
            var (ox, oy) = (OffsetX[s], OffsetY[s]);
            d0[s] = (t.A0 * ox) + (t.B0 * oy);
            d1[s] = (t.A1 * ox) + (t.B1 * oy);
            d2[s] = (t.A2 * ox) + (t.B2 * oy);
            dn[s] = (t.Nearness.X * (ox / 256f)) + (t.Nearness.Y * (oy / 256f));
            (reach0, reach1, reach2) = (Math.Max(reach0, Math.Abs(d0[s])), Math.Max(reach1, Math.Abs(d1[s])), Math.Max(reach2, Math.Abs(d2[s])));
        }

        var (step0, step1, step2) = (t.A0 * ScreenTriangle.Sub, t.A1 * ScreenTriangle.Sub, t.A2 * ScreenTriangle.Sub);
        long startX = (t.Left * ScreenTriangle.Sub) + (ScreenTriangle.Sub / 2);
        for (var y = t.Top; y <= t.Bottom; y++)
        {
            long centerY = (y * ScreenTriangle.Sub) + (ScreenTriangle.Sub / 2);
            var e0 = (t.A0 * startX) + (t.B0 * centerY) + t.C0;
            var e1 = (t.A1 * startX) + (t.B1 * centerY) + t.C1;
            var e2 = (t.A2 * startX) + (t.B2 * centerY) + t.C2;
            var row = y * width;
            for (var x = t.Left; x <= t.Right; x++)
            {
                if (((e0 + reach0) | (e1 + reach1) | (e2 + reach2)) >= 0)
                {
                    var near = t.Nearness.At(x + 0.5f, y + 0.5f);
                    var at = (row + x) * Samples;
                    var nearest = nearness.AsSpan(at, Samples);
                    var owners = Owners.AsSpan(at, Samples);
                    var isWhole = ((e0 - reach0) | (e1 - reach1) | (e2 - reach2)) >= 0;
                    for (var s = 0; s < Samples; s++)
                    {
                        var n = near + dn[s];
                        if (n > nearest[s] && (isWhole || ((e0 + d0[s]) | (e1 + d1[s]) | (e2 + d2[s])) >= 0))
                        {
                            nearest[s] = n;
                            owners[s] = owner;
                        }
                    }
                }

                e0 += step0;
                e1 += step1;
                e2 += step2;
            }
        }
    }
}
