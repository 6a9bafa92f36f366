using System.Buffers;

namespace HqTrack.Media;

/// <summary>
/// Resizes packed RGB bytes exactly as Pillow's BILINEAR does: a triangle filter that widens when shrinking, columns first, each pass
/// in fixed point and rounded to bytes. The published SAM pipeline resizes its images this way; any other filter moves mask borders.
/// </summary>
/// <remarks>Source: Pillow 9.4 <c>src/libImaging/Resample.c</c> (precompute_coeffs, normalize_coeffs_8bpc).</remarks>
internal static class PillowResize
{
    private const int Channels = 3;
    private const int PrecisionBits = 32 - 8 - 2;

    /// <summary>The size whose long side is <paramref name="longSide"/>: each side scaled in double and rounded half up.</summary>
    public static (int Width, int Height) LongestSide(int width, int height, int longSide)
    {
        var scale = (double)longSide / Math.Max(width, height);
        return ((int)((width * scale) + 0.5), (int)((height * scale) + 0.5));
    }

    /// <summary>H x W x 3 -> newHeight x newWidth x 3; the same size returns a copy. A pass whose size does not change is skipped.</summary>
    /// <param name="rgb">The pixels.</param>
    /// <param name="width">W</param>
    /// <param name="height">H</param>
    /// <param name="newWidth">Of the result.</param>
    /// <param name="newHeight">Of the result.</param>
    /// <param name="loop">Runs the rows; null takes .NET's pool.</param>
    public static byte[] Bilinear(byte[] rgb, int width, int height, int newWidth, int newHeight, RowLoop? loop = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(newWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(newHeight, 1);
        loop ??= RowLoops.Pool;
        var pixels = newWidth == width ? rgb : ResizeColumns(rgb, width, height, newWidth, loop);
        if (newHeight != height)
        {
            pixels = ResizeRows(pixels, newWidth, height, newHeight, loop);
        }

        return ReferenceEquals(pixels, rgb) ? (byte[])rgb.Clone() : pixels;
    }

    private static byte[] ResizeColumns(byte[] source, int width, int height, int newWidth, RowLoop loop)
    {
        var taps = Taps(width, newWidth);
        var target = new byte[newWidth * height * Channels];
        loop(height, y =>
        {
            var row = source.AsSpan(y * width * Channels, width * Channels);
            var output = target.AsSpan(y * newWidth * Channels, newWidth * Channels);
            for (var x = 0; x < newWidth; x++)
            {
                var (first, weights) = taps[x];
                int r = 1 << (PrecisionBits - 1), g = r, b = r;
                for (var i = 0; i < weights.Length; i++)
                {
                    var at = (first + i) * Channels;
                    r += row[at] * weights[i];
                    g += row[at + 1] * weights[i];
                    b += row[at + 2] * weights[i];
                }

                output[x * Channels] = ToByte(r);
                output[(x * Channels) + 1] = ToByte(g);
                output[(x * Channels) + 2] = ToByte(b);
            }
        });
        return target;
    }

    private static byte[] ResizeRows(byte[] source, int width, int height, int newHeight, RowLoop loop)
    {
        var taps = Taps(height, newHeight);
        var stride = width * Channels;
        var target = new byte[newHeight * stride];
        loop(newHeight, y =>
        {
            var (first, weights) = taps[y];
            var rented = ArrayPool<int>.Shared.Rent(stride);
            var sums = rented.AsSpan(0, stride);
            sums.Fill(1 << (PrecisionBits - 1));
            for (var i = 0; i < weights.Length; i++)
            {
                var row = source.AsSpan((first + i) * stride, stride);
                var weight = weights[i];
                for (var x = 0; x < row.Length; x++)
                {
                    sums[x] += row[x] * weight;
                }
            }

            var output = target.AsSpan(y * stride, stride);
            for (var x = 0; x < output.Length; x++)
            {
                output[x] = ToByte(sums[x]);
            }

            ArrayPool<int>.Shared.Return(rented);
        });
        return target;
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> PrecisionBits, 0, 255);

    /// <summary>First source position and fixed-point weights of every target position.</summary>
    private static (int First, int[] Weights)[] Taps(int size, int newSize)
    {
        var scale = (double)size / newSize;
        var support = Math.Max(scale, 1);
        var inverse = 1 / support;
        var taps = new (int, int[])[newSize];
        for (var i = 0; i < newSize; i++)
        {
            var center = (i + 0.5) * scale;
            var first = Math.Max((int)(center - support + 0.5), 0);
            var end = Math.Min((int)(center + support + 0.5), size);
            var weights = new double[end - first];
            var sum = 0.0;
            for (var j = 0; j < weights.Length; j++)
            {
                weights[j] = Math.Max(1 - Math.Abs((first + j - center + 0.5) * inverse), 0);
                sum += weights[j];
            }

            taps[i] = (first, Array.ConvertAll(weights, weight => (int)(0.5 + (weight / sum * (1 << PrecisionBits)))));
        }

        return taps;
    }
}
