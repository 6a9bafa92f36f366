namespace HqTrack.Evaluation.Prompts;

/// <summary>A connected set of pixels (over edges, not corners) of an image.</summary>
internal sealed class PixelRegion
{
    private readonly int width;
    private readonly int height;

    private PixelRegion(int[] pixels, bool isInside, int width, int height) =>
        (Pixels, IsInside, this.width, this.height) = (pixels, isInside, width, height);

    /// <summary>Indices of its pixels, y * width + x.</summary>
    public int[] Pixels { get; }

    /// <summary>Whether its pixels belong to the object.</summary>
    public bool IsInside { get; }

    /// <summary>The largest connected part of an object; null where it has no pixel.</summary>
    /// <param name="truth">H x W, not 0 where the object is.</param>
    /// <param name="width">W</param>
    public static PixelRegion? Largest(ReadOnlySpan<byte> truth, int width) => LargestWrong(truth, new byte[truth.Length], width);

    /// <summary>
    /// The largest connected region that a mask has wrong, all of it missing or all of it too much; the first one (by rows) on a tie, null where the mask is right.
    /// </summary>
    /// <param name="truth">H x W, not 0 where the object is.</param>
    /// <param name="predicted">H x W, not 0 where the mask is.</param>
    /// <param name="width">W</param>
    public static PixelRegion? LargestWrong(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> predicted, int width)
    {
        const byte Missing = 1, TooMuch = 2;
        var kinds = new byte[truth.Length];
        for (var i = 0; i < kinds.Length; i++)
        {
            kinds[i] = truth[i] != 0 == (predicted[i] != 0) ? (byte)0 : truth[i] != 0 ? Missing : TooMuch;
        }

        var order = new int[truth.Length]; // the regions' pixels, one region after the other
        int filled = 0, bestStart = 0, bestLength = 0;
        var isInside = false;
        for (var seed = 0; seed < kinds.Length; seed++)
        {
            if (kinds[seed] == 0)
            {
                continue;
            }

            var (start, kind) = (filled, kinds[seed]);
            order[filled++] = seed;
            kinds[seed] = 0;
            for (var next = start; next < filled; next++)
            {
                var (pixel, x) = (order[next], order[next] % width);
                Visit(pixel - 1, x > 0);
                Visit(pixel + 1, x < width - 1);
                Visit(pixel - width, pixel >= width);
                Visit(pixel + width, pixel + width < kinds.Length);
            }

            if (filled - start > bestLength)
            {
                (bestStart, bestLength, isInside) = (start, filled - start, kind == Missing);
            }

            void Visit(int neighbour, bool exists)
            {
                if (exists && kinds[neighbour] == kind)
                {
                    kinds[neighbour] = 0;
                    order[filled++] = neighbour;
                }
            }
        }

        return bestLength == 0 ? null : new(order[bestStart..(bestStart + bestLength)], isInside, width, truth.Length / width);
    }

    /// <summary>
    /// The pixel farthest from every pixel outside the region (Euclidean distance; beyond the image's edge is outside); the first one by rows on a tie.
    /// </summary>
    public int Deepest()
    {
        int x0 = width, y0 = height, x1 = 0, y1 = 0;
        foreach (var pixel in Pixels)
        {
            var (x, y) = (pixel % width, pixel / width);
            (x0, y0, x1, y1) = (Math.Min(x0, x), Math.Min(y0, y), Math.Max(x1, x), Math.Max(y1, y));
        }

        // Distance up and down to the nearest pixel outside, in a frame of one such pixel all around.
        int w = x1 - x0 + 3, h = y1 - y0 + 3;
        var vertical = new int[w * h];
        foreach (var pixel in Pixels)
        {
            vertical[(((pixel / width) - y0 + 1) * w) + (pixel % width) - x0 + 1] = int.MaxValue;
        }

        for (var i = w; i < vertical.Length; i++)
        {
            vertical[i] = vertical[i] == 0 ? 0 : vertical[i - w] + 1;
        }

        for (var i = vertical.Length - w - 1; i >= 0; i--)
        {
            vertical[i] = Math.Min(vertical[i], vertical[i + w] + 1);
        }

        // Squared distance of a pixel: the least of dx^2 + vertical^2 over its row. Pixels that cannot win are not looked at.
        long best = -1;
        var deepest = 0;
        for (var y = 1; y < h - 1; y++)
        {
            var row = vertical.AsSpan(y * w, w);
            for (var x = 1; x < w - 1; x++)
            {
                long distance = (long)row[x] * row[x];
                for (var dx = 1; (long)dx * dx < distance && distance > best; dx++)
                {
                    // A pixel outside (0) lies at both ends of the row, so neither index leaves it before dx ends the loop.
                    var left = x - dx >= 0 ? (long)row[x - dx] * row[x - dx] : 0;
                    var right = x + dx < w ? (long)row[x + dx] * row[x + dx] : 0;
                    distance = Math.Min(distance, ((long)dx * dx) + Math.Min(left, right));
                }

                if (distance > best)
                {
                    (best, deepest) = (distance, ((y - 1 + y0) * width) + x - 1 + x0);
                }
            }
        }

        return deepest;
    }
}
