using System.Buffers.Binary;
using System.IO.Compression;

namespace HqTrack.Tests.Media;

/// <summary>
/// A PNG encoder written for the tests, straight from the specification and apart from the one under test: any depth, colour type and
/// filter, pixels split over several IDAT chunks.
/// </summary>
internal sealed class TestPng
{
    public int Width { get; init; } = 1;

    public int Height { get; init; } = 1;

    public byte Depth { get; init; } = 8;

    public byte ColorType { get; init; } = 3;

    public byte Interlace { get; init; }

    /// <summary>Filter of each row, taken in turn.</summary>
    public byte[] Filters { get; init; } = [0];

    public int Chunks { get; init; } = 1;

    /// <summary>One sample per entry, rows from the top; channels side by side.</summary>
    public required int[] Samples { get; init; }

    public byte[] Encode()
    {
        using var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9], header[12]) = (Depth, ColorType, Interlace);
        Chunk(png, "IHDR", header);
        Chunk(png, "tEXt", "Comment\0passed over"u8.ToArray());
        if (ColorType == 3)
        {
            Chunk(png, "PLTE", [.. Enumerable.Range(0, 3 << Depth).Select(i => (byte)(i * 7))]);
            Chunk(png, "tRNS", [0, 128, 255]);
        }

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(FilterRows());
        }

        var data = packed.ToArray();
        var part = (data.Length + Chunks - 1) / Chunks;
        foreach (var piece in data.Chunk(part))
        {
            Chunk(png, "IDAT", piece);
        }

        Chunk(png, "IEND", []);
        return png.ToArray();
    }

    private byte[] FilterRows()
    {
        var channels = ColorType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var perRow = Width * channels;
        var bytesPerPixel = Math.Max(1, Depth * channels / 8);
        var output = new List<byte>();
        var above = new byte[((perRow * Depth) + 7) / 8];
        for (var y = 0; y < Height; y++)
        {
            var row = Pack(Samples.AsSpan(y * perRow, perRow));
            var filter = Filters[y % Filters.Length];
            output.Add(filter);
            for (var i = 0; i < row.Length; i++)
            {
                int a = i >= bytesPerPixel ? row[i - bytesPerPixel] : 0, b = above[i], c = i >= bytesPerPixel ? above[i - bytesPerPixel] : 0;
                var predicted = filter switch
                {
                    0 => 0,
                    1 => a,
                    2 => b,
                    3 => (a + b) / 2,
                    4 => new[] { (Math.Abs(b - c), 0, a), (Math.Abs(a - c), 1, b), (Math.Abs(a + b - (2 * c)), 2, c) }.Min().Item3,
                    _ => 0,
                };
                output.Add((byte)(row[i] - predicted));
            }

            above = row;
        }

        return [.. output];
    }

    private byte[] Pack(ReadOnlySpan<int> samples)
    {
        var row = new byte[((samples.Length * Depth) + 7) / 8];
        for (var i = 0; i < samples.Length; i++)
        {
            if (Depth == 16)
            {
                BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(i * 2), (ushort)samples[i]);
                continue;
            }

            var bit = i * Depth;
            row[bit / 8] |= (byte)(samples[i] << (8 - Depth - (bit % 8)));
        }

        return row;
    }

    private static void Chunk(Stream png, string type, byte[] data)
    {
        var body = System.Text.Encoding.ASCII.GetBytes(type).Concat(data).ToArray();
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Checksum(body));
        png.Write(number);
    }

    private static uint Checksum(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
            }
        }

        return ~crc;
    }
}
