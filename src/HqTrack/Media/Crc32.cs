namespace HqTrack.Media;

/// <summary>CRC-32 of PNG and zip (polynomial 0xEDB88320, reflected).</summary>
internal static class Crc32
{
    private static readonly uint[] _table = Make();

    public static uint Compute(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data) => ~Append(Append(uint.MaxValue, type), data);

    private static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            crc = _table[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] Make()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var c = i;
            for (var bit = 0; bit < 8; bit++)
            {
                c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            }

            table[i] = c;
        }

        return table;
    }
}
