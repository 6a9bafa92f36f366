namespace HqTrack.Evaluation.Vot;

/// <summary>Row-major run lengths of masks, background first, as the VOT toolkit writes them.</summary>
internal static class MaskRuns
{
    private const int MaxPixels = 1 << 28;

    /// <summary>Encodes pixels; a mask without pixels is one run of 0.</summary>
    /// <param name="pixels">0 or 1, row-major.</param>
    /// <param name="longest">Longer runs are split, with a run of 0 of the other kind between.</param>
    public static List<int> Encode(ReadOnlySpan<byte> pixels, int longest = int.MaxValue)
    {
        var runs = new List<int>();
        if (pixels.IsEmpty || pixels[0] != 0)
        {
            runs.Add(0);
        }

        for (var position = 0; position < pixels.Length;)
        {
            var length = pixels[position..].IndexOfAnyExcept(pixels[position]);
            length = length < 0 ? pixels.Length - position : length;
            position += length;
            for (; length > longest; length -= longest)
            {
                runs.Add(longest);
                runs.Add(0);
            }

            runs.Add(length);
        }

        return runs;
    }

    /// <summary>Decodes runs; pixels that no run covers are background.</summary>
    /// <exception cref="FormatException">The size or the runs do not fit each other.</exception>
    public static byte[] Decode(ReadOnlySpan<int> runs, int width, int height)
    {
        if (width < 0 || height < 0 || (long)width * height > MaxPixels)
        {
            throw new FormatException($"the mask is {width}x{height}, expected sides of 0 or more and at most {MaxPixels / 1_000_000} million pixels");
        }

        var pixels = new byte[width * height];
        var position = 0;
        for (var i = 0; i < runs.Length; i++)
        {
            if (runs[i] < 0 || runs[i] > pixels.Length - position)
            {
                throw new FormatException($"run {i + 1} of the mask is {runs[i]} long after {position} of its {width}x{height} pixels");
            }

            pixels.AsSpan(position, runs[i]).Fill((byte)(i & 1));
            position += runs[i];
        }

        return pixels;
    }
}
