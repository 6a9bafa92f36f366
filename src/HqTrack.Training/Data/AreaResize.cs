using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>Scales images down by averaging what each new pixel covers: no aliasing, unlike point or bilinear sampling.</summary>
internal static class AreaResize
{
    /// <summary>Scales to a size that is not larger on either side.</summary>
    public static Frame Down(Frame image, int width, int height)
    {
        var columns = Cover(image.Width, width);
        var rows = Cover(image.Height, height);
        var result = new byte[width * height * 3];
        var sums = new float[width * 3];
        for (var y = 0; y < height; y++)
        {
            Array.Clear(sums);
            for (var k = rows[y].First; k < rows[y].First + rows[y].Weights.Length; k++)
            {
                AddRow(image.Rgb.AsSpan(k * image.Width * 3, image.Width * 3), columns, rows[y].Weights[k - rows[y].First], sums);
            }

            for (var i = 0; i < sums.Length; i++)
            {
                result[(y * sums.Length) + i] = (byte)Math.Min(sums[i] + 0.5f, 255f);
            }
        }

        return new Frame(result, width, height, image.Index, image.Timestamp);
    }

    private static void AddRow(ReadOnlySpan<byte> row, (int First, float[] Weights)[] columns, float weight, Span<float> sums)
    {
        for (var x = 0; x < columns.Length; x++)
        {
            var (first, weights) = columns[x];
            for (var k = 0; k < weights.Length; k++)
            {
                var share = weight * weights[k];
                var from = (first + k) * 3;
                sums[x * 3] += share * row[from];
                sums[(x * 3) + 1] += share * row[from + 1];
                sums[(x * 3) + 2] += share * row[from + 2];
            }
        }
    }

    // For every new pixel the old ones it covers and their shares, which sum to 1.
    private static (int First, float[] Weights)[] Cover(int from, int to)
    {
        var ratio = (double)from / to;
        var cover = new (int, float[])[to];
        for (var i = 0; i < to; i++)
        {
            var (start, end) = (i * ratio, (i + 1) * ratio);
            var first = (int)start;
            var last = Math.Min((int)Math.Ceiling(end - 1e-9), from) - 1;
            var weights = new float[last - first + 1];
            for (var k = first; k <= last; k++)
            {
                weights[k - first] = (float)((Math.Min(end, k + 1) - Math.Max(start, k)) / ratio);
            }

            cover[i] = (first, weights);
        }

        return cover;
    }
}
