using System.Buffers.Binary;
using System.IO.Compression;

namespace HqTrack.Media;

/// <summary>
/// PNG whose samples are object ids: indexed with 1, 2, 4 or 8 bits, or greyscale of at most 8 bits. General image libraries give
/// colours back, not indices, hence a codec of our own on <see cref="ZLibStream"/>. The colours of the palette, transparency and
/// ancillary chunks are passed over; checksums are verified. Source: PNG specification, third edition.
/// </summary>
internal static class IndexedPng
{
    /// <summary>Reads a file's ids.</summary>
    /// <exception cref="MediaException">The file is missing, damaged or of a kind that holds no ids.</exception>
    public static LabelMap Read(string path) => Decode(ImageFile.ReadBytes(path), path);

    /// <summary>Writes ids with the DAVIS palette as an 8-bit indexed PNG, whole or not at all.</summary>
    /// <exception cref="MediaException">The file cannot be written.</exception>
    public static void Write(string path, LabelMap labels) => AtomicFile.Write(path, Encode(labels));

    /// <summary>Decodes the samples, as they are, into ids; <paramref name="name"/> is what messages call the file.</summary>
    /// <exception cref="MediaException">The bytes are damaged or of a kind that holds no ids.</exception>
    public static LabelMap Decode(byte[] file, string name)
    {
        var header = PngHeader.Read(file, name);
        if (!header.HoldsIds)
        {
            throw new MediaException($"'{name}' is a {header.Kind} PNG, expected an indexed PNG whose index is the object id; save the mask as one.");
        }

        if (header.Interlaced)
        {
            throw new MediaException($"'{name}' is an interlaced PNG, expected one without interlacing; save it again with interlacing (Adam7) off.");
        }

        using var inflated = new ZLibStream(CollectData(file, name), CompressionMode.Decompress);
        try
        {
            return DecodeRows(inflated, header, name);
        }
        catch (EndOfStreamException e)
        {
            throw Damaged(name, $"its pixels end before row {header.Height}", e);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(name, "its compressed pixels cannot be read", e);
        }
    }

    /// <summary>Encodes ids with the DAVIS palette as an 8-bit indexed PNG.</summary>
    public static byte[] Encode(LabelMap labels) => Encode(labels, isGrey: false);

    /// <summary>Encodes values as an 8-bit greyscale PNG.</summary>
    public static byte[] EncodeGrey(LabelMap values) => Encode(values, isGrey: true);

    private static byte[] Encode(LabelMap labels, bool isGrey)
    {
        var png = new MemoryStream(4096 + (labels.Ids.Length / 32));
        png.Write(PngHeader.Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, labels.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], labels.Height);
        header[8] = 8;
        header[9] = (byte)(isGrey ? PngHeader.Grey : PngHeader.Indexed);
        header[10..].Clear();
        WriteChunk(png, "IHDR"u8, header);
        if (!isGrey)
        {
            WriteChunk(png, "PLTE"u8, Palette.Rgb);
        }

        var pixels = new MemoryStream(4096 + (labels.Ids.Length / 32));
        using (var deflate = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(FilterUp(labels));
        }

        WriteChunk(png, "IDAT"u8, pixels.GetBuffer().AsSpan(0, (int)pixels.Length));
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static LabelMap DecodeRows(Stream inflated, PngHeader header, string name)
    {
        var labels = new LabelMap(header.Width, header.Height);
        var row = new byte[header.RowBytes];
        var above = new byte[header.RowBytes];
        for (var y = 0; y < header.Height; y++)
        {
            var filter = inflated.ReadByte();
            inflated.ReadExactly(row);
            if (filter < 0 || !PngFilter.Undo((byte)filter, row, above))
            {
                throw Damaged(name, $"row {y} has filter {filter}, expected 0 to 4");
            }

            Unpack(row, header.BitDepth, labels.Ids.AsSpan(y * header.Width, header.Width));
            (row, above) = (above, row);
        }

        // Reading on to the end is what makes the stream verify its checksum.
        return inflated.ReadByte() < 0 ? labels : throw Damaged(name, $"it holds more pixels than {header.Width}x{header.Height}");
    }

    // Samples of less than a byte lie from the high bits down.
    private static void Unpack(ReadOnlySpan<byte> row, int depth, Span<byte> ids)
    {
        if (depth == 8)
        {
            row.CopyTo(ids);
            return;
        }

        var perByte = 8 / depth;
        var mask = (1 << depth) - 1;
        for (var x = 0; x < ids.Length; x++)
        {
            ids[x] = (byte)((row[x / perByte] >> (8 - (depth * ((x % perByte) + 1)))) & mask);
        }
    }

    private static MemoryStream CollectData(byte[] file, string name)
    {
        var data = new MemoryStream(file.Length);
        var position = PngHeader.Signature.Length;
        while (true)
        {
            if (file.Length - position < 12)
            {
                throw Damaged(name, $"it is cut short after {file.Length} bytes");
            }

            var length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(position));
            if (length > file.Length - position - 12)
            {
                throw Damaged(name, $"it is cut short after {file.Length} bytes");
            }

            var type = file.AsSpan(position + 4, 4);
            var content = file.AsSpan(position + 8, (int)length);
            if (Crc32.Compute(type, content) != BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(position + 8 + (int)length)))
            {
                throw Damaged(name, $"the checksum of the chunk at byte {position} is wrong");
            }

            if (type.SequenceEqual("IEND"u8))
            {
                data.Position = 0;
                return data;
            }

            if (type.SequenceEqual("IDAT"u8))
            {
                data.Write(content);
            }

            position += 12 + (int)length;
        }
    }

    // Rows of masks mostly repeat the row above: the difference is zeros, which deflate packs at its fastest level already.
    private static byte[] FilterUp(LabelMap labels)
    {
        var width = labels.Width;
        var filtered = GC.AllocateUninitializedArray<byte>((width + 1) * labels.Height);
        ReadOnlySpan<byte> above = new byte[width];
        for (var y = 0; y < labels.Height; y++)
        {
            ReadOnlySpan<byte> row = labels.Ids.AsSpan(y * width, width);
            var target = filtered.AsSpan(y * (width + 1), width + 1);
            target[0] = PngFilter.Up;
            target = target[1..];
            if (row.SequenceEqual(above))
            {
                target.Clear();
            }
            else
            {
                for (var x = 0; x < target.Length; x++)
                {
                    target[x] = (byte)(row[x] - above[x]);
                }
            }

            above = row;
        }

        return filtered;
    }

    private static void WriteChunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        png.Write(number);
        png.Write(type);
        png.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Compute(type, content));
        png.Write(number);
    }

    private static MediaException Damaged(string name, string what, Exception? cause = null)
    {
        var message = $"'{name}' is damaged: {what}; write or copy the file again.";
        return cause is null ? new MediaException(message) : new MediaException(message, cause);
    }
}
