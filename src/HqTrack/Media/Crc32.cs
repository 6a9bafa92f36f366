using System.Buffers.Binary;

namespace HqTrack.Media;

/// <summary>CRC-32 of PNG and zip (polynomial 0xEDB88320, reflected), eight bytes at a time ("slicing by 8").</summary>
internal static class Crc32
{
    /// <summary>What <see cref="Append"/> starts from; the checksum is the complement of what it ends with.</summary>
    public const uint Start = uint.MaxValue;

    private static readonly uint[] _table = Make();

    public static uint Compute(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data) => ~Append(Append(Start, type), data);

    /// <summary>Takes more bytes into a running value.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var table = _table;
        while (bytes.Length >= 8)
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = table[0x700 + (byte)low] ^ table[0x600 + (byte)(low >> 8)] ^ table[0x500 + (byte)(low >> 16)] ^ table[0x400 + (byte)(low >> 24)]
                ^ table[0x300 + (byte)high] ^ table[0x200 + (byte)(high >> 8)] ^ table[0x100 + (byte)(high >> 16)] ^ table[(byte)(high >> 24)];
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
        {
            crc = table[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return crc;
    }

    // Row k holds the effect of a byte that k further bytes follow.
    private static uint[] Make()
    {
        var table = new uint[8 * 256];
        for (var i = 0u; i < 256; i++)
        {
            var c = i;
            for (var bit = 0; bit < 8; bit++)
            {
                c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            }

            table[i] = c;
        }

        for (var i = 256; i < table.Length; i++)
        {
            table[i] = (table[i - 256] >> 8) ^ table[(byte)table[i - 256]];
        }

        return table;
    }
}
