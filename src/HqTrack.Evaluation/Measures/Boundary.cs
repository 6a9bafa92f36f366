using System.Numerics;

namespace HqTrack.Evaluation.Measures;

/// <summary>Boundaries of masks and their dilation, on packed bits.</summary>
internal static class Boundary
{
    /// <summary>
    /// Sets each pixel that differs from its right, lower or lower-right neighbour. Neighbours outside the image are the pixel
    /// itself, so a full mask has no boundary and the bottom-right pixel is never set. Source: davis2017-evaluation, after the Berkeley
    /// segmentation benchmark's seg2bmap.
    /// </summary>
    public static BitMask Of(BitMask mask)
    {
        var boundary = new BitMask(mask.Width, mask.Height);
        Span<ulong> right = new ulong[mask.Stride];
        Span<ulong> lowerRight = new ulong[mask.Stride];
        for (var y = 0; y < mask.Height; y++)
        {
            ReadOnlySpan<ulong> row = mask.Row(y);
            ReadOnlySpan<ulong> lower = mask.Row(Math.Min(y + 1, mask.Height - 1));
            RightNeighbour(row, right, mask.Width);
            RightNeighbour(lower, lowerRight, mask.Width);
            var target = boundary.Row(y);
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = (row[i] ^ right[i]) | (row[i] ^ lower[i]) | (row[i] ^ lowerRight[i]);
            }
        }

        return boundary;
    }

    /// <summary>Sets each pixel within a Euclidean distance of a set one: dilation with the disk x^2 + y^2 &lt;= radius^2.</summary>
    /// <param name="mask">The mask, H x W.</param>
    /// <param name="radius">Radius in pixels, at least 0.</param>
    public static BitMask Dilate(BitMask mask, int radius)
    {
        var dilated = new BitMask(mask.Width, mask.Height);
        var halfWidths = Disk(radius);
        var margin = (radius + 63) / 64;
        var buffer = new ulong[mask.Stride];
        for (var y = 0; y < mask.Height; y++)
        {
            var first = mask.Row(y).IndexOfAnyExcept(0UL) - margin;
            var last = mask.Row(y).LastIndexOfAnyExcept(0UL) + margin;
            if (last < margin)
            {
                continue;
            }

            // Only the words that the disk can reach; from the disk's tips to its middle the row only gets wider.
            var reached = Math.Max(first, 0)..Math.Min(last + 1, mask.Stride);
            ReadOnlySpan<ulong> row = mask.Row(y)[reached];
            var wide = buffer.AsSpan(0, row.Length);
            row.CopyTo(wide);
            var reach = 0;
            for (var dy = radius; dy >= 0; dy--)
            {
                for (; reach < halfWidths[dy]; reach++)
                {
                    OrShifted(row, reach + 1, wide);
                }

                Or(wide, dilated, y - dy, reached.Start.Value);
                if (dy > 0)
                {
                    Or(wide, dilated, y + dy, reached.Start.Value);
                }
            }
        }

        var inside = mask.LastWord;
        for (var y = 0; y < mask.Height; y++)
        {
            dilated.Row(y)[^1] &= inside;
        }

        return dilated;
    }

    /// <summary>Half width of the disk's row at each distance 0..radius from its middle.</summary>
    public static int[] Disk(int radius)
    {
        var halfWidths = new int[radius + 1];
        for (var dy = 0; dy <= radius; dy++)
        {
            var half = radius;
            while ((half * half) + (dy * dy) > radius * radius)
            {
                half--;
            }

            halfWidths[dy] = half;
        }

        return halfWidths;
    }

    private static void RightNeighbour(ReadOnlySpan<ulong> row, Span<ulong> target, int width)
    {
        for (var i = 0; i < row.Length; i++)
        {
            target[i] = (row[i] >> 1) | (i + 1 < row.Length ? row[i + 1] << 63 : 0);
        }

        var last = (width - 1) & 63;
        target[^1] |= row[^1] & (1UL << last);
    }

    private static void Or(ReadOnlySpan<ulong> row, BitMask target, int y, int first)
    {
        if ((uint)y >= (uint)target.Height)
        {
            return;
        }

        var words = target.Row(y).Slice(first, row.Length);
        var i = 0;
        for (; i <= words.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            (new Vector<ulong>(row[i..]) | new Vector<ulong>(words[i..])).CopyTo(words[i..]);
        }

        for (; i < words.Length; i++)
        {
            words[i] |= row[i];
        }
    }

    // target |= row moved by `distance` pixels to the left and to the right.
    private static void OrShifted(ReadOnlySpan<ulong> row, int distance, Span<ulong> target)
    {
        var (jump, bits) = (distance / 64, distance % 64);
        for (var i = 0; i + jump < row.Length; i++)
        {
            var left = row[i + jump] >> bits;
            var right = row[i] << bits;
            if (bits > 0)
            {
                left |= i + jump + 1 < row.Length ? row[i + jump + 1] << (64 - bits) : 0;
                right |= i > 0 ? row[i - 1] >> (64 - bits) : 0;
            }

            target[i] |= left;
            target[i + jump] |= right;
        }
    }
}
