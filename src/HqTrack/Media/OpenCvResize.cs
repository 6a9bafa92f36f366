using System.Runtime.Intrinsics;

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
    /// <param name="rgb">The pixels.</param>
    /// <param name="width">W</param>
    /// <param name="height">H</param>
    /// <param name="newWidth">Of the result.</param>
    /// <param name="newHeight">Of the result.</param>
    /// <param name="loop">Runs the bands; null takes .NET's pool.</param>
    public static byte[] Cubic(byte[] rgb, int width, int height, int newWidth, int newHeight, RowLoop? loop = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(newWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(newHeight, 1);
        if (newWidth == width && newHeight == height)
        {
            return rgb;
        }

        var columns = Taps(width, newWidth, Channels);
        var rows = Taps(height, newHeight, 1);
        var target = new byte[newWidth * newHeight * Channels];
        (loop ?? RowLoops.Pool)(((newHeight - 1) / RowsPerBand) + 1, band =>
        {
            // Neighbouring rows share source rows: each is resized once a band and kept until it is no longer needed.
            var cache = new RowCache(newWidth * Channels);
            var parts = new int[TapCount][];
            void Take(int k, int row) => parts[k] = cache.Get(row, values => ResizeRow(rgb.AsSpan(row * width * Channels, width * Channels), columns, values));
            for (var y = band * RowsPerBand; y < Math.Min((band + 1) * RowsPerBand, newHeight); y++)
            {
                ref readonly var tap = ref rows[y];
                Take(0, tap.A);
                Take(1, tap.B);
                Take(2, tap.C);
                Take(3, tap.D);
                BlendRows(parts, tap, target.AsSpan(y * newWidth * Channels, newWidth * Channels));
            }
        });
        return target;
    }

    private static void ResizeRow(ReadOnlySpan<byte> source, Tap[] columns, Span<int> target)
    {
        for (var x = 0; x < columns.Length; x++)
        {
            ref readonly var tap = ref columns[x];
            ReadOnlySpan<byte> p = source.Slice(tap.A, Channels), q = source.Slice(tap.B, Channels), r = source.Slice(tap.C, Channels), s = source.Slice(tap.D, Channels);
            var pixel = target.Slice(x * Channels, Channels);
            for (var c = 0; c < Channels; c++)
            {
                pixel[c] = (p[c] * tap.WeightA) + (q[c] * tap.WeightB) + (r[c] * tap.WeightC) + (s[c] * tap.WeightD);
            }
        }
    }

    // OpenCV's vector code blends whole vectors in single precision and rounds halves to even; what is left over at the end of a row
    // is blended in integers and rounds halves up.
    private static void BlendRows(int[][] rows, in Tap tap, Span<byte> target)
    {
        const int shift = 2 * CoefficientBits;
        const float scale = 1f / (1 << shift);
        ReadOnlySpan<int> a = rows[0], b = rows[1], c = rows[2], d = rows[3];
        float wa = tap.WeightA * scale, wb = tap.WeightB * scale, wc = tap.WeightC * scale, wd = tap.WeightD * scale;
        var whole = target.Length / VectorLength * VectorLength;
        for (var i = 0; i < whole; i += VectorLength)
        {
            static Vector256<float> At(ReadOnlySpan<int> row, int i) => Vector256.ConvertToSingle(Vector256.Create(row.Slice(i, VectorLength)));
            var sum = (At(a, i) * wa) + ((At(b, i) * wb) + ((At(c, i) * wc) + (At(d, i) * wd)));
            var values = Vector256.ConvertToInt32(Vector256.Clamp(Vector256.Round(sum), Vector256<float>.Zero, Vector256.Create(255f)));
            var words = Vector128.Narrow(values.GetLower(), values.GetUpper());
            Vector128.Narrow(words, words).AsByte().GetLower().CopyTo(target[i..]);
        }

        for (var i = whole; i < target.Length; i++)
        {
            var sum = (a[i] * tap.WeightA) + (b[i] * tap.WeightB) + (c[i] * tap.WeightC) + (d[i] * tap.WeightD); // at most 1.19^2 * 255 * 2^22
            target[i] = (byte)Math.Clamp((sum + (1 << (shift - 1))) >> shift, 0, 255);
        }
    }

    // The four places that each new position is made of, in steps of a given length.
    private static Tap[] Taps(int size, int newSize, int step)
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
            int At(int offset) => Math.Clamp(first + offset, 0, size - 1) * step;
            static int Weight(float weight) => (int)MathF.Round(weight * (1 << CoefficientBits));
            taps[i] = new(At(-1), At(0), At(1), At(2), Weight(w0), Weight(w1), Weight(w2), Weight(1 - w0 - w1 - w2));
        }

        return taps;
    }

    private readonly record struct Tap(int A, int B, int C, int D, int WeightA, int WeightB, int WeightC, int WeightD);

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
