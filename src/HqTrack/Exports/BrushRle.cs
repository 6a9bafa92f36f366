using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>
/// The run-length code of Label Studio's brush masks (the library "rle-pack"): a stream of bits with the number of values (32 bits), the bits of a
/// value less 1 (5), four lengths of length fields less 1 (4 each), then blocks: 1 bit whether one value is repeated, 2 bits for the
/// length field, the length less 1, and the value or values. The values are those of an RGBA picture, so each pixel counts four times.
/// </summary>
internal static class BrushRle
{
    private const int Channels = 4;
    private static readonly int[] Fields = [3, 4, 8, 16];

    /// <summary>Encodes an object: 255 in all channels where it is, else 0.</summary>
    public static byte[] Encode(LabelMap labels, byte id)
    {
        var bits = new BitWriter();
        bits.Write((uint)(labels.Ids.Length * Channels), 32);
        bits.Write(7, 5);
        foreach (var field in Fields)
        {
            bits.Write((uint)field - 1, 4);
        }

        ReadOnlySpan<byte> ids = labels.Ids;
        for (var at = 0; at < ids.Length;)
        {
            var isInside = ids[at] == id;
            var length = isInside ? ids[at..].IndexOfAnyExcept(id) : ids[at..].IndexOf(id);
            length = length < 0 ? ids.Length - at : length;
            WriteRun(bits, (long)length * Channels, isInside ? 255u : 0u);
            at += length;
        }

        return bits.ToArray();
    }

    /// <summary>Decodes into Width * Height booleans.</summary>
    /// <exception cref="MediaException">The code is damaged or of another size.</exception>
    public static bool[] Decode(byte[] code, int width, int height)
    {
        var bits = new BitReader(code);
        var pixels = new bool[width * height];
        var count = bits.Read(32);
        if (count != (uint)(pixels.Length * Channels))
        {
            throw new MediaException($"a brush mask holds {count} values, expected {width}x{height}x{Channels}; export it again.");
        }

        var word = bits.Read(5) + 1;
        var fields = Enumerable.Range(0, 4).Select(_ => bits.Read(4) + 1).ToArray();
        for (long at = 0; at < count;)
        {
            var isRepeated = bits.Read(1) == 1;
            var end = Math.Min(count, at + 1 + bits.Read((int)fields[bits.Read(2)]));
            var value = isRepeated ? bits.Read((int)word) : 0;
            for (; at < end; at++)
            {
                pixels[at / Channels] = (isRepeated ? value : bits.Read((int)word)) != 0;
            }
        }

        return pixels;
    }

    private static void WriteRun(BitWriter bits, long length, uint value)
    {
        while (length > 0)
        {
            var field = Array.FindIndex(Fields, bits => length <= 1L << bits);
            field = field < 0 ? Fields.Length - 1 : field;
            var part = Math.Min(length, 1L << Fields[field]);
            bits.Write(1, 1);
            bits.Write((uint)field, 2);
            bits.Write((uint)(part - 1), Fields[field]);
            bits.Write(value, 8);
            length -= part;
        }
    }

    // Most significant bit first.
    private sealed class BitWriter
    {
        private readonly List<byte> bytes = [];
        private int used = 8;

        public void Write(uint value, int count)
        {
            for (var bit = count - 1; bit >= 0; bit--)
            {
                if (used == 8)
                {
                    bytes.Add(0);
                    used = 0;
                }

                bytes[^1] |= (byte)((value >> bit & 1) << (7 - used++));
            }
        }

        public byte[] ToArray() => [.. bytes];
    }

    private sealed class BitReader(byte[] bytes)
    {
        private long position;

        public uint Read(int count)
        {
            var value = 0u;
            for (; count > 0; count--, position++)
            {
                value = position < bytes.LongLength * 8
                    ? value << 1 | (uint)(bytes[position / 8] >> (int)(7 - (position % 8)) & 1)
                    : throw new MediaException("a brush mask is cut short; export it again.");
            }

            return value;
        }
    }
}
