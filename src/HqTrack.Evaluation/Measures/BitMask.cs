using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HqTrack.Evaluation.Measures;

/// <summary>A binary mask, H x W, one bit a pixel: rows of 64-bit words, pixel x at bit x % 64 of word x / 64. Bits past the row's end are 0.</summary>
internal sealed class BitMask
{
    private readonly ulong[] words;

    /// <summary>Makes an empty mask.</summary>
    public BitMask(int width, int height)
    {
        Width = width;
        Height = height;
        Stride = (width + 63) / 64;
        words = new ulong[Stride * height];
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Words of one row.</summary>
    public int Stride { get; }

    /// <summary>Number of pixels set.</summary>
    public int Count => CountBits(words);

    /// <summary>Bits of a row's last word that are inside the image.</summary>
    public ulong LastWord => Width % 64 == 0 ? ulong.MaxValue : (1UL << (Width % 64)) - 1;

    public bool this[int x, int y] => (words[(y * Stride) + (x >> 6)] >> (x & 63) & 1) != 0;

    /// <summary>The pixels of one object.</summary>
    /// <param name="ids">Object ids, H x W.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="id">The object; other ids are background.</param>
    public static BitMask OfId(ReadOnlySpan<byte> ids, int width, byte id) => Pack(ids, width, id, equal: true);

    /// <summary>The pixels that are not 0.</summary>
    public static BitMask OfNonZero(ReadOnlySpan<byte> pixels, int width) => Pack(pixels, width, 0, equal: false);

    /// <summary>One row's words.</summary>
    public Span<ulong> Row(int y) => words.AsSpan(y * Stride, Stride);

    /// <summary>Number of pixels set in both masks, which have one size.</summary>
    public int CountAnd(BitMask other)
    {
        var count = 0;
        for (var i = 0; i < words.Length; i++)
        {
            count += BitOperations.PopCount(words[i] & other.words[i]);
        }

        return count;
    }

    /// <summary>Clears the pixels that are set in another mask of the same size.</summary>
    public void Remove(BitMask other)
    {
        for (var i = 0; i < words.Length; i++)
        {
            words[i] &= ~other.words[i];
        }
    }

    /// <summary>One byte a pixel, 0 or 1.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Width * Height];
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                bytes[(y * Width) + x] = this[x, y] ? (byte)1 : (byte)0;
            }
        }

        return bytes;
    }

    private static int CountBits(ReadOnlySpan<ulong> words)
    {
        var count = 0;
        foreach (var word in words)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }

    private static BitMask Pack(ReadOnlySpan<byte> bytes, int width, byte id, bool equal)
    {
        var mask = new BitMask(width, bytes.Length / width);
        var flip = equal ? 0 : ulong.MaxValue;
        var wanted = Vector512.Create(id);
        for (var y = 0; y < mask.Height; y++)
        {
            var source = bytes.Slice(y * width, width);
            var row = mask.Row(y);
            var full = width / 64;
            var blocks = MemoryMarshal.Cast<byte, Vector512<byte>>(source[..(full * 64)]);
            for (var i = 0; i < full; i++)
            {
                row[i] = Vector512.Equals(blocks[i], wanted).ExtractMostSignificantBits() ^ flip;
            }

            for (var x = full * 64; x < width; x++)
            {
                row[full] |= (source[x] == id) == equal ? 1UL << (x & 63) : 0;
            }
        }

        return mask;
    }
}
