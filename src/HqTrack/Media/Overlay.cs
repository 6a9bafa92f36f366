using System.Runtime.CompilerServices;

namespace HqTrack.Media;

/// <summary>
/// Draws a label map over its frame: every object filled with a bright shade of its palette colour, see-through, and a smooth line along its edge.
/// </summary>
internal static class Overlay
{
    private const int FillOpacity = 102;                    // of 256: 0.4
    private const int Reach = 2;                            // pixels around an edge that the line may touch
    private const int Half = 128;                           // the edge, where half of the weight is on either side

    // Binomial weights, sigma 1; the 2-D sum is 256. Blurring the mask with them rounds its pixel steps off.
    private static readonly int[] _weights = [1, 4, 6, 4, 1];

    // Line opacity (of 256) by how far the blurred mask is from one half: full to a pixel from the edge, gone at about 1.7.
    private static readonly int[] _line = [.. Enumerable.Range(0, Half + 1).Select(d => (int)(256 * Smooth((120 - d) / 50.0)))];

    /// <summary>Draws into a copy of the frame.</summary>
    /// <exception cref="MediaException">The map has another size than the frame.</exception>
    public static Frame Draw(Frame frame, LabelMap labels)
    {
        if (frame.Width != labels.Width || frame.Height != labels.Height)
        {
            throw new MediaException(
                $"the masks of frame {frame.Index} are {labels.Width}x{labels.Height}, expected {frame.Width}x{frame.Height} like the frame; give masks of the frame's size.");
        }

        var rgb = (byte[])frame.Rgb.Clone();
        Fill(rgb, labels);
        DrawContours(rgb, labels);
        return new Frame(rgb, frame.Width, frame.Height, frame.Index, frame.Timestamp);
    }

    private static void Fill(byte[] rgb, LabelMap labels)
    {
        ReadOnlySpan<byte> ids = labels.Ids;
        for (var start = 0; start < ids.Length;)
        {
            var id = ids[start];
            var length = ids[start..].IndexOfAnyExcept(id);
            length = length < 0 ? ids.Length - start : length;
            if (id != 0)
            {
                var (r, g, b) = Shade(id);
                var (addR, addG, addB) = (r * FillOpacity, g * FillOpacity, b * FillOpacity);
                var span = rgb.AsSpan(start * 3, length * 3);
                for (var i = 0; i <= span.Length - 3; i += 3)
                {
                    span[i] = (byte)(((span[i] * (256 - FillOpacity)) + addR) >> 8);
                    span[i + 1] = (byte)(((span[i + 1] * (256 - FillOpacity)) + addG) >> 8);
                    span[i + 2] = (byte)(((span[i + 2] * (256 - FillOpacity)) + addB) >> 8);
                }
            }

            start += length;
        }
    }

    private static void DrawContours(byte[] rgb, LabelMap labels)
    {
        var (width, height, ids) = (labels.Width, labels.Height, labels.Ids);
        var near = MarkEdges(labels);
        Span<int> weightOf = stackalloc int[256];
        weightOf.Clear();
        for (var start = near.AsSpan().IndexOf((byte)1); start >= 0;)
        {
            var (y, x) = Math.DivRem(start, width);
            var (id, share) = Blur(ids, width, height, x, y, weightOf);
            var opacity = _line[Math.Min(Math.Abs(share - Half), Half)];
            if (id != 0 && opacity > 0)
            {
                var (r, g, b) = Shade(id);
                Blend(ref rgb[start * 3], r, opacity);
                Blend(ref rgb[(start * 3) + 1], g, opacity);
                Blend(ref rgb[(start * 3) + 2], b, opacity);
            }

            var next = near.AsSpan(start + 1).IndexOf((byte)1);
            start = next < 0 ? -1 : start + 1 + next;
        }
    }

    // The object whose line may touch the pixel (its own, on background the strongest one around) and its share of 256 there.
    private static (int Id, int Share) Blur(byte[] ids, int width, int height, int x, int y, Span<int> weightOf)
    {
        var own = ids[(y * width) + x];
        var strongest = (int)own;
        for (var dy = -Reach; dy <= Reach; dy++)
        {
            var row = Math.Clamp(y + dy, 0, height - 1) * width;
            for (var dx = -Reach; dx <= Reach; dx++)
            {
                var id = ids[row + Math.Clamp(x + dx, 0, width - 1)];
                weightOf[id] += _weights[dy + Reach] * _weights[dx + Reach];
                if (own == 0 && id != 0 && (strongest == 0 || weightOf[id] > weightOf[strongest]))
                {
                    strongest = id;
                }
            }
        }

        var share = weightOf[strongest];
        for (var dy = -Reach; dy <= Reach; dy++)
        {
            var row = Math.Clamp(y + dy, 0, height - 1) * width;
            for (var dx = -Reach; dx <= Reach; dx++)
            {
                weightOf[ids[row + Math.Clamp(x + dx, 0, width - 1)]] = 0;
            }
        }

        return (strongest, share);
    }

    // 1 for every pixel within reach of a change of id.
    private static byte[] MarkEdges(LabelMap labels)
    {
        var (width, height, ids) = (labels.Width, labels.Height, labels.Ids);
        var near = new byte[ids.Length];
        for (var y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = ids.AsSpan(y * width, width);
            ReadOnlySpan<byte> below = y + 1 < height ? ids.AsSpan((y + 1) * width, width) : row;
            for (var x = 0; x < width;)
            {
                // Runs that equal both neighbours are stepped over at the speed of a vectorised compare.
                var same = Math.Min(row[x..].CommonPrefixLength(below[x..]), Run(row[x..]));
                x += same;
                if (x < width)
                {
                    MarkAround(near, width, height, x, y);
                }

                x++;
            }
        }

        return near;
    }

    // Number of leading pixels that equal their right neighbour.
    private static int Run(ReadOnlySpan<byte> row)
    {
        var length = row.IndexOfAnyExcept(row[0]);
        return length < 0 ? row.Length : length - 1;
    }

    private static void MarkAround(byte[] near, int width, int height, int x, int y)
    {
        var (left, right) = (Math.Max(x - Reach + 1, 0), Math.Min(x + Reach, width - 1));
        for (var row = Math.Max(y - Reach + 1, 0); row <= Math.Min(y + Reach, height - 1); row++)
        {
            near.AsSpan((row * width) + left, right - left + 1).Fill(1);
        }
    }

    /// <summary>The palette's colour halfway to its brightest shade: half of the palette is too dark to tint a dark picture.</summary>
    public static (int R, int G, int B) Shade(int id)
    {
        var (r, g, b) = Palette.Color(id);
        var top = Math.Max(r, Math.Max(g, b));
        return ((r + (r * 255 / top)) / 2, (g + (g * 255 / top)) / 2, (b + (b * 255 / top)) / 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blend(ref byte target, int color, int opacity) => target = (byte)(((target * (256 - opacity)) + (color * opacity)) >> 8);

    private static double Smooth(double t)
    {
        t = Math.Clamp(t, 0, 1);
        return t * t * (3 - (2 * t));
    }
}
