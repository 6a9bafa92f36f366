namespace HqTrack.Media;

/// <summary>The object id of every pixel, H x W, row-major; 0 is background, 1..255 are objects.</summary>
public sealed class LabelMap
{
    /// <summary>Highest object id a label map (and an indexed PNG) can hold.</summary>
    public const int MaxId = 255;

    /// <summary>Wraps ids without copying them; the map owns the array from here on.</summary>
    /// <param name="ids">Width * Height ids, rows from the top.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="ArgumentException">The array's length is not Width * Height.</exception>
    public LabelMap(byte[] ids, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (ids.Length != width * height)
        {
            throw new ArgumentException($"{ids.Length} ids, expected {width}x{height} = {width * height}.", nameof(ids));
        }

        Ids = ids;
        Width = width;
        Height = height;
    }

    /// <summary>Makes an all-background map.</summary>
    public LabelMap(int width, int height)
        : this(new byte[width * height], width, height)
    {
    }

    /// <summary>The ids, H x W.</summary>
    public byte[] Ids { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The id at a pixel.</summary>
    public byte this[int x, int y] => Ids[(y * Width) + x];

    /// <summary>The object ids present (without 0), ascending.</summary>
    public IReadOnlyList<int> ObjectIds()
    {
        Span<bool> seen = stackalloc bool[256];
        foreach (var id in Ids)
        {
            seen[id] = true;
        }

        var present = new List<int>();
        for (var id = 1; id < seen.Length; id++)
        {
            if (seen[id])
            {
                present.Add(id);
            }
        }

        return present;
    }

    /// <summary>Resizes by nearest neighbour, source index = floor(i * in / out), as torch's "nearest" does.</summary>
    public LabelMap Resize(int width, int height)
    {
        if (width == Width && height == Height)
        {
            return this;
        }

        var resized = new LabelMap(width, height);
        var columns = new int[width];
        for (var x = 0; x < width; x++)
        {
            columns[x] = Math.Min((int)(x * ((float)Width / width)), Width - 1);
        }

        for (var y = 0; y < height; y++)
        {
            var row = Ids.AsSpan(Math.Min((int)(y * ((float)Height / height)), Height - 1) * Width, Width);
            var target = resized.Ids.AsSpan(y * width, width);
            for (var x = 0; x < width; x++)
            {
                target[x] = row[columns[x]];
            }
        }

        return resized;
    }
}
