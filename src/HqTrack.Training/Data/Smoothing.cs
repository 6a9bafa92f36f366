namespace HqTrack.Training.Data;

/// <summary>Blurs packed RGB with the kernel [1 2 1] / 4 along both axes; edges repeat.</summary>
internal static class Smoothing
{
    public static void Apply(byte[] rgb, int width, int height)
    {
        var stride = width * 3;
        var above = new byte[stride];
        var current = new byte[stride];
        var below = new byte[stride];
        AlongRow(rgb.AsSpan(0, stride), current);
        current.CopyTo(above, 0);
        for (var y = 0; y < height; y++)
        {
            // Row y of the result is written only after row y + 1 of the source was read.
            AlongRow(rgb.AsSpan(Math.Min(y + 1, height - 1) * stride, stride), below, y + 1 < height ? null : current);
            var row = rgb.AsSpan(y * stride, stride);
            for (var i = 0; i < stride; i++)
            {
                row[i] = (byte)((above[i] + (2 * current[i]) + below[i] + 2) >> 2);
            }

            (above, current, below) = (current, below, above);
        }
    }

    // Smooths a row, or takes a row already smoothed in its place.
    private static void AlongRow(ReadOnlySpan<byte> row, byte[] result, byte[]? known = null)
    {
        if (known is not null)
        {
            known.CopyTo(result, 0);
            return;
        }

        for (var i = 0; i < row.Length; i++)
        {
            var left = row[i >= 3 ? i - 3 : i];
            var right = row[i + 3 < row.Length ? i + 3 : i];
            result[i] = (byte)((left + (2 * row[i]) + right + 2) >> 2);
        }
    }
}
