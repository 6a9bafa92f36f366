using System.Buffers.Binary;

namespace HqTrack.Media;

/// <summary>What the IHDR chunk of a PNG says.</summary>
internal readonly record struct PngHeader(int Width, int Height, int BitDepth, int ColorType, bool Interlaced)
{
    public const int Grey = 0;
    public const int Rgb = 2;
    public const int Indexed = 3;
    public const int GreyAlpha = 4;
    public const int Rgba = 6;

    private const int MaxPixels = 1 << 28;

    /// <summary>The eight bytes that every PNG starts with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The colour type in words.</summary>
    public string Kind => ColorType switch
    {
        Grey => $"{BitDepth}-bit greyscale",
        Rgb => $"{BitDepth * 3}-bit RGB",
        Indexed => $"{BitDepth}-bit indexed",
        GreyAlpha => $"{BitDepth}-bit greyscale with alpha",
        _ => $"{BitDepth * 4}-bit RGBA",
    };

    /// <summary>One sample of at most 8 bits a pixel.</summary>
    public bool HoldsIds => ColorType is Grey or Indexed && BitDepth <= 8;

    /// <summary>Bytes of one row without its filter byte, for the kinds that hold ids.</summary>
    public int RowBytes => ((Width * BitDepth) + 7) / 8;

    /// <summary>Reads the header at the start of a PNG.</summary>
    /// <exception cref="MediaException">The bytes are no PNG, or the header is damaged.</exception>
    public static PngHeader Read(ReadOnlySpan<byte> file, string name)
    {
        if (!file.StartsWith(Signature))
        {
            throw new MediaException($"'{name}' is not a PNG ({DescribeStart(file)}), expected an indexed PNG whose index is the object id; save the mask as one.");
        }

        if (file.Length < 33 || !file.Slice(12, 4).SequenceEqual("IHDR"u8))
        {
            throw new MediaException($"'{name}' is cut short or damaged ({file.Length} bytes, no header), expected a whole PNG; write or copy the file again.");
        }

        var data = file.Slice(16, 13);
        var width = BinaryPrimitives.ReadUInt32BigEndian(data);
        var height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        var header = new PngHeader((int)width, (int)height, data[8], data[9], data[12] == 1);
        var known = header.ColorType switch
        {
            Grey => data[8] is 1 or 2 or 4 or 8 or 16,
            Indexed => data[8] is 1 or 2 or 4 or 8,
            Rgb or GreyAlpha or Rgba => data[8] is 8 or 16,
            _ => false,
        };
        if (!known || width == 0 || height == 0 || data[10] != 0 || data[11] != 0 || data[12] > 1)
        {
            throw new MediaException($"'{name}' has a damaged PNG header ({width}x{height}, depth {data[8]}, colour type {data[9]}); write or copy the file again.");
        }

        return (ulong)width * height <= MaxPixels
            ? header
            : throw new MediaException($"'{name}' is {width}x{height}, expected at most {MaxPixels / 1_000_000} million pixels; scale it down without interpolation.");
    }

    private static string DescribeStart(ReadOnlySpan<byte> file) => file switch
    {
        [] => "the file is empty",
        [0xFF, 0xD8, ..] => "it is a JPEG, whose compression mixes ids",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', ..] => "it is a WebP",
        [(byte)'G', (byte)'I', (byte)'F', ..] => "it is a GIF",
        _ => $"{file.Length} bytes of another format",
    };
}
