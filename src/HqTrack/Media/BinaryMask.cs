using System.Numerics;

namespace HqTrack.Media;

/// <summary>One object's pixels, a bit each, row-major. No torch here.</summary>
internal sealed class BinaryMask
{
    private const int WordBits = 64;

    private readonly ulong[] words;

    /// <summary>Makes an empty mask.</summary>
    public BinaryMask(int width, int height)
    {
        (Width, Height) = (width, height);
        words = new ulong[((width * height) + WordBits - 1) / WordBits];
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Number of pixels.</summary>
    public int Area
    {
        get
        {
            var area = 0;
            foreach (var word in words)
            {
                area += BitOperations.PopCount(word);
            }

            return area;
        }
    }

    /// <summary>Whether a pixel belongs to the mask.</summary>
    public bool this[int x, int y] => (words[((y * Width) + x) / WordBits] >> (((y * Width) + x) % WordBits) & 1) != 0;

    /// <summary>The masks of every object of a label map.</summary>
    public static SortedDictionary<int, BinaryMask> PerId(LabelMap labels)
    {
        var masks = new SortedDictionary<int, BinaryMask>();
        var byId = new BinaryMask?[LabelMap.MaxId + 1];
        for (var i = 0; i < labels.Ids.Length; i++)
        {
            var id = labels.Ids[i];
            if (id != 0)
            {
                (byId[id] ??= masks[id] = new BinaryMask(labels.Width, labels.Height)).Set(i);
            }
        }

        return masks;
    }

    /// <summary>Pixels whose value is above 0, row-major.</summary>
    public static BinaryMask AboveZero(ReadOnlySpan<float> values, int width, int height)
    {
        var mask = new BinaryMask(width, height);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] > 0)
            {
                mask.Set(i);
            }
        }

        return mask;
    }

    /// <summary>Pixels whose value is not 0, row-major.</summary>
    public static BinaryMask NotZero(ReadOnlySpan<byte> values, int width, int height)
    {
        var mask = new BinaryMask(width, height);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] != 0)
            {
                mask.Set(i);
            }
        }

        return mask;
    }

    /// <summary>Pixels in both masks.</summary>
    public int Intersection(BinaryMask other)
    {
        var count = 0;
        for (var i = 0; i < words.Length; i++)
        {
            count += BitOperations.PopCount(words[i] & other.words[i]);
        }

        return count;
    }

    /// <summary>Adds another mask's pixels.</summary>
    public void UnionWith(BinaryMask other)
    {
        for (var i = 0; i < words.Length; i++)
        {
            words[i] |= other.words[i];
        }
    }

    /// <summary>Positions of the pixels, row-major, ascending.</summary>
    public IEnumerable<int> Pixels()
    {
        for (var i = 0; i < words.Length; i++)
        {
            for (var word = words[i]; word != 0; word &= word - 1)
            {
                yield return (i * WordBits) + BitOperations.TrailingZeroCount(word);
            }
        }
    }

    /// <summary>First and last column and row with a pixel; null for an empty mask.</summary>
    public (int Left, int Top, int Right, int Bottom)? Bounds()
    {
        int left = Width, right = -1, top = -1, bottom = -1;
        foreach (var pixel in Pixels())
        {
            int x = pixel % Width, y = pixel / Width;
            (left, right) = (Math.Min(left, x), Math.Max(right, x));
            top = top < 0 ? y : top;
            bottom = y;
        }

        return right < 0 ? null : (left, top, right, bottom);
    }

    /// <summary>
    /// Intersection over union as HQTrack computes it, in float32: (I + 1e-6) / (U + 1e-6), so two empty masks agree
    /// (vot_iter/pytorch_iou).
    /// </summary>
    public float Iou(BinaryMask other)
    {
        const float Epsilon = 1e-6f;
        var intersection = Intersection(other);
        return (intersection + Epsilon) / (Area + other.Area - intersection + Epsilon);
    }

    private void Set(int pixel) => words[pixel / WordBits] |= 1UL << (pixel % WordBits);
}
