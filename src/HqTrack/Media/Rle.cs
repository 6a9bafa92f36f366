using System.Text;

namespace HqTrack.Media;

/// <summary>
/// A binary mask as COCO stores it: lengths of runs down the columns, background first (0 where the mask starts with foreground),
/// and their text form. Results are those of pycocotools.
/// </summary>
public sealed class Rle
{
    private const int MaxPixels = 1 << 28;

    private readonly int[] _counts;

    private Rle(int[] counts, int width, int height)
    {
        _counts = counts;
        Width = width;
        Height = height;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Lengths of the runs, background and foreground in turn; they add up to Width * Height.</summary>
    public IReadOnlyList<int> Counts => _counts;

    /// <summary>Number of pixels set.</summary>
    public int Area
    {
        get
        {
            var area = 0;
            for (var i = 1; i < _counts.Length; i += 2)
            {
                area += _counts[i];
            }

            return area;
        }
    }

    /// <summary>Tight box around the pixels set; all zeros where there are none.</summary>
    public (int X, int Y, int Width, int Height) Box
    {
        get
        {
            var (left, top, right, bottom) = (int.MaxValue, int.MaxValue, -1, -1);
            var start = 0;
            for (var i = 0; i < _counts.Length; start += _counts[i++])
            {
                if ((i & 1) == 0 || _counts[i] == 0)
                {
                    continue;
                }

                var (firstX, firstY) = Math.DivRem(start, Height);
                var (lastX, lastY) = Math.DivRem(start + _counts[i] - 1, Height);
                (left, right) = (Math.Min(left, firstX), Math.Max(right, lastX));
                top = Math.Min(top, firstX < lastX ? 0 : firstY);
                bottom = Math.Max(bottom, firstX < lastX ? Height - 1 : lastY);
            }

            return right < 0 ? default : (left, top, right - left + 1, bottom - top + 1);
        }
    }

    /// <summary>Encodes one object of a label map.</summary>
    /// <param name="labels">Ids, H x W.</param>
    /// <param name="id">The object, 1..255.</param>
    public static Rle Of(LabelMap labels, int id)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(id, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id, LabelMap.MaxId);
        return Encode(labels.Ids, labels.Width, labels.Height, (byte)id, isId: true);
    }

    /// <summary>Encodes pixels; any value but 0 is foreground.</summary>
    /// <param name="pixels">Height * Width bytes, rows from the top.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="ArgumentException">The number of bytes is not Width * Height.</exception>
    public static Rle OfPixels(ReadOnlySpan<byte> pixels, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return pixels.Length == (long)width * height
            ? Encode(pixels, width, height, 0, isId: false)
            : throw new ArgumentException($"{pixels.Length} bytes of pixels, expected {width}x{height}.", nameof(pixels));
    }

    /// <summary>Takes runs as they are.</summary>
    /// <exception cref="MediaException">The size is out of range, a run is negative, or they do not add up to Width * Height.</exception>
    public static Rle FromCounts(IReadOnlyList<int> counts, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(counts);
        if (width < 1 || height < 1 || (long)width * height > MaxPixels)
        {
            throw new MediaException($"a run-length mask is {width}x{height}, expected sides of 1 or more and at most {MaxPixels / 1_000_000} million pixels; check its \"size\".");
        }

        var sum = 0L;
        foreach (var count in counts)
        {
            sum = count >= 0 ? sum + count : throw new MediaException($"a run-length mask holds a run of {count}, expected 0 or more; check its \"counts\".");
        }

        return sum == (long)width * height
            ? new([.. counts], width, height)
            : throw new MediaException($"the runs of a run-length mask add up to {sum} pixels, expected {width}x{height}; check its \"size\" ([height, width]) and \"counts\".");
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="MediaException">The text is damaged or does not fit the size.</exception>
    public static Rle Parse(string text, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(text);
        var counts = new List<int>();
        for (var position = 0; position < text.Length;)
        {
            var (value, shift, digit) = (0L, 0, 0);
            do
            {
                digit = position < text.Length ? text[position++] - '0' : -1;
                if (digit is < 0 or > 63 || shift > 30)
                {
                    throw new MediaException($"the text of a run-length mask is damaged at character {position}, expected the \"counts\" that COCO tools write; copy it again.");
                }

                value |= (long)(digit & 31) << shift;
                shift += 5;
            }
            while ((digit & 32) != 0);

            value |= (digit & 16) != 0 ? -1L << shift : 0;
            value += counts.Count > 2 ? counts[^2] : 0;
            counts.Add((int)Math.Clamp(value, -1, int.MaxValue));
        }

        return FromCounts(counts, width, height);
    }

    /// <summary>The text form: each run but the first three as difference to the one before the last, five bits a character, least first.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        for (var i = 0; i < _counts.Length; i++)
        {
            var value = _counts[i] - (i > 2 ? _counts[i - 2] : 0);
            var isLast = false;
            while (!isLast)
            {
                var digit = value & 31;
                value >>= 5;
                isLast = value == ((digit & 16) != 0 ? -1 : 0);
                text.Append((char)('0' + digit + (isLast ? 0 : 32)));
            }
        }

        return text.ToString();
    }

    /// <summary>Decodes into H x W bytes, 0 or 1, rows from the top.</summary>
    public byte[] ToPixels()
    {
        var pixels = new byte[Width * Height];
        var start = 0;
        for (var i = 0; i < _counts.Length; start += _counts[i++])
        {
            for (var k = start; (i & 1) != 0 && k < start + _counts[i]; k++)
            {
                var (x, y) = Math.DivRem(k, Height);
                pixels[(y * Width) + x] = 1;
            }
        }

        return pixels;
    }

    /// <summary>Intersection over union; 0 where the masks share no pixel.</summary>
    /// <param name="detected">A mask.</param>
    /// <param name="truth">A mask of the same size.</param>
    /// <param name="isCrowd">The truth is a crowd: the union is the detected mask's area.</param>
    public static double Iou(Rle detected, Rle truth, bool isCrowd = false)
    {
        var intersection = Merge([detected, truth], intersect: true).Area;
        return intersection == 0 ? 0 : (double)intersection / (isCrowd ? detected.Area : detected.Area + truth.Area - intersection);
    }

    /// <summary>Union, or intersection, of masks of one size; at least one.</summary>
    /// <exception cref="ArgumentException">No mask, or masks of different sizes.</exception>
    public static Rle Merge(IReadOnlyList<Rle> masks, bool intersect = false)
    {
        ArgumentNullException.ThrowIfNull(masks);
        if (masks.Count == 0 || masks.Any(mask => (mask.Width, mask.Height) != (masks[0].Width, masks[0].Height)))
        {
            throw new ArgumentException("masks to merge must be at least one and of one size.", nameof(masks));
        }

        return masks.Skip(1).Aggregate(masks[0], (merged, mask) => Merge(merged, mask, intersect));
    }

    private static Rle Merge(Rle a, Rle b, bool intersect)
    {
        var counts = new List<int>();
        var (i, j) = (0, 0);
        var (leftA, leftB) = (a._counts[0], b._counts[0]);
        var (length, isSet) = (0, false);
        for (var rest = a.Width * a.Height; rest > 0;)
        {
            while (leftA == 0)
            {
                leftA = a._counts[++i];
            }

            while (leftB == 0)
            {
                leftB = b._counts[++j];
            }

            var step = Math.Min(leftA, leftB);
            var merged = intersect ? (i & j & 1) != 0 : ((i | j) & 1) != 0;
            if (merged != isSet)
            {
                counts.Add(length);
                (length, isSet) = (0, merged);
            }

            length += step;
            leftA -= step;
            leftB -= step;
            rest -= step;
        }

        counts.Add(length);
        return new([.. counts], a.Width, a.Height);
    }

    // Only the rows and columns that hold the object are looked at.
    private static Rle Encode(ReadOnlySpan<byte> pixels, int width, int height, byte value, bool isId)
    {
        var (left, right, top, bottom) = (width, -1, height, -1);
        for (var y = 0; y < height; y++)
        {
            var row = pixels.Slice(y * width, width);
            var first = isId ? row.IndexOf(value) : row.IndexOfAnyExcept(value);
            if (first >= 0)
            {
                left = Math.Min(left, first);
                right = Math.Max(right, isId ? row.LastIndexOf(value) : row.LastIndexOfAnyExcept(value));
                (top, bottom) = (Math.Min(top, y), y);
            }
        }

        var counts = new List<int>();
        var (start, isSet) = (0, false);
        void Change(int position)
        {
            counts.Add(position - start);
            (start, isSet) = (position, !isSet);
        }

        for (var x = left; x <= right; x++)
        {
            if (isSet && top > 0)
            {
                Change(x * height); // the rows above are empty
            }

            for (var y = top; y <= bottom; y++)
            {
                if ((pixels[(y * width) + x] == value) == isId != isSet)
                {
                    Change((x * height) + y);
                }
            }

            if (isSet && bottom < height - 1)
            {
                Change((x * height) + bottom + 1);
            }
        }

        if (isSet && right < width - 1)
        {
            Change((right + 1) * height); // the columns to the right are empty
        }

        counts.Add((width * height) - start);
        return new([.. counts], width, height);
    }
}
