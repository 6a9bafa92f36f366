namespace HqTrack.Media;

/// <summary>
/// Resizes packed RGB bytes as OpenCV's INTER_CUBIC does: four taps a side (a = -0.75) however much the image shrinks, borders
/// repeated, weights of 11 bits, rounded once at the end. The published VMOS pipeline prepares its frames this way.
/// </summary>
/// <remarks>Source: OpenCV 4 <c>modules/imgproc/src/resize.cpp</c> (interpolateCubic, HResizeCubic, VResizeCubic).</remarks>
internal static class OpenCvResize
{
    private const int Channels = 3;
    private const int TapCount = 4;
    private const int CoefficientBits = 11;
    private const int VectorLength = 8;
    private const float A = -0.75f;
    private const int RowsPerBand = 32;

    /// <summary>H x W x 3 -> newHeight x newWidth x 3; the same size returns the pixels themselves.</summary>
    public static byte[] Cubic(byte[] rgb, int width, int height, int newWidth, int newHeight)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(newWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(newHeight, 1);
        if (newWidth == width && newHeight == height)
        {
            return rgb;
        }

        var columns = Taps(width, newWidth);
        var rows = Taps(height, newHeight);
        var target = new byte[newWidth * newHeight * Channels];
        Parallel.For(0, ((newHeight - 1) / RowsPerBand) + 1, band =>
        {
            // Neighbouring rows share source rows: each is resized once a band and kept until it is no longer needed.
            var cache = new RowCache(newWidth * Channels);
            for (var y = band * RowsPerBand; y < Math.Min((band + 1) * RowsPerBand, newHeight); y++)
            {
                var tap = rows[y];
                var parts = new int[TapCount][];
                for (var k = 0; k < TapCount; k++)
                {
                    var row = tap.Indices[k];
                    parts[k] = cache.Get(row, values => ResizeRow(rgb.AsSpan(row * width * Channels, width * Channels), columns, values));
                }

                BlendRows(parts, tap.Weights, target.AsSpan(y * newWidth * Channels, newWidth * Channels));
            }
        });
        return target;
    }

    private static void ResizeRow(ReadOnlySpan<byte> source, Tap[] columns, int[] target)
    {
        for (var x = 0; x < columns.Length; x++)
        {
            var (indices, weights) = columns[x];
            for (var c = 0; c < Channels; c++)
            {
                var sum = 0;
                for (var k = 0; k < TapCount; k++)
                {
                    sum += source[(indices[k] * Channels) + c] * weights[k];
                }

                target[(x * Channels) + c] = sum;
            }
        }
    }

    // OpenCV's vector code blends whole vectors in single precision and rounds halves to even; what is left over at the end of a row
    // is blended in integers and rounds halves up.
    private static void BlendRows(int[][] rows, int[] weights, Span<byte> target)
    {
        const int shift = 2 * CoefficientBits;
        const float scale = 1f / (1 << shift);
        ReadOnlySpan<int> a = rows[0], b = rows[1], c = rows[2], d = rows[3];
        float wa = weights[0] * scale, wb = weights[1] * scale, wc = weights[2] * scale, wd = weights[3] * scale;
        var whole = target.Length / VectorLength * VectorLength;
        for (var i = 0; i < whole; i++)
        {
            var sum = (a[i] * wa) + ((b[i] * wb) + ((c[i] * wc) + (d[i] * wd)));
            target[i] = (byte)Math.Clamp(MathF.Round(sum), 0f, 255f);
        }

        for (var i = whole; i < target.Length; i++)
        {
            var sum = (a[i] * weights[0]) + (b[i] * weights[1]) + (c[i] * weights[2]) + (d[i] * weights[3]); // at most 1.19^2 * 255 * 2^22
            target[i] = (byte)Math.Clamp((sum + (1 << (shift - 1))) >> shift, 0, 255);
        }
    }

    private static Tap[] Taps(int size, int newSize)
    {
        var taps = new Tap[newSize];
        var scale = (double)size / newSize;
        for (var i = 0; i < newSize; i++)
        {
            var position = (float)(((i + 0.5) * scale) - 0.5);
            var first = (int)MathF.Floor(position);
            var x = position - first;
            var w0 = (((((A * (x + 1)) - (5 * A)) * (x + 1)) + (8 * A)) * (x + 1)) - (4 * A);
            var w1 = ((((A + 2) * x) - (A + 3)) * x * x) + 1;
            var w2 = ((((A + 2) * (1 - x)) - (A + 3)) * (1 - x) * (1 - x)) + 1;
            float[] weights = [w0, w1, w2, 1 - w0 - w1 - w2];
            taps[i] = new(
                [.. Enumerable.Range(first - 1, TapCount).Select(index => Math.Clamp(index, 0, size - 1))],
                [.. weights.Select(weight => (int)MathF.Round(weight * (1 << CoefficientBits)))]);
        }

        return taps;
    }

    private readonly record struct Tap(int[] Indices, int[] Weights);

    // The last four source rows, resized along x.
    private sealed class RowCache(int length)
    {
        private readonly int[] rows = [-1, -1, -1, -1];
        private readonly int[][] values = [new int[length], new int[length], new int[length], new int[length]];

        public int[] Get(int row, Action<int[]> resize)
        {
            var slot = row % TapCount; // four rows in a row never share a slot
            if (rows[slot] != row)
            {
                resize(values[slot]);
                rows[slot] = row;
            }

            return values[slot];
        }
    }
}
