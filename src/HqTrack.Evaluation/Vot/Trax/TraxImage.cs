using System.Globalization;
using HqTrack.Media;

namespace HqTrack.Evaluation.Vot.Trax;

/// <summary>How an image travels.</summary>
internal enum TraxImageKind
{
    /// <summary>A file by its path.</summary>
    Path,

    /// <summary>Any other address.</summary>
    Url,

    /// <summary>Pixels in the message.</summary>
    Memory,

    /// <summary>A JPEG or PNG file in the message.</summary>
    Buffer,
}

/// <summary>One image of a frame message.</summary>
/// <param name="Kind">How it travels.</param>
/// <param name="Content">Path, address, or what follows "image:" and "data:".</param>
internal sealed record TraxImage(TraxImageKind Kind, string Content)
{
    private const int MaxPixels = 1 << 26;

    /// <summary>Tells the kinds apart: "file:" and bare paths, "image:", "data:", any other scheme.</summary>
    public static TraxImage Parse(string text)
    {
        if ((After(text, "file://") ?? After(text, "file:")) is { } file)
        {
            return new(TraxImageKind.Path, file);
        }

        if (After(text, "image:") is { } pixels)
        {
            return new(TraxImageKind.Memory, pixels);
        }

        if (After(text, "data:") is { } data)
        {
            return new(TraxImageKind.Buffer, data);
        }

        return new(text.Contains("://", StringComparison.Ordinal) ? TraxImageKind.Url : TraxImageKind.Path, text);
    }

    /// <summary>Decodes the image.</summary>
    /// <param name="index">The frame's number.</param>
    /// <exception cref="MediaException">The image cannot be read or is none.</exception>
    public Frame Read(int index) => Kind switch
    {
        TraxImageKind.Path => ImageFile.Read(Content, index),
        TraxImageKind.Buffer => ImageFile.Decode(Base64(Content[(Content.IndexOf(';', StringComparison.Ordinal) + 1)..], index), $"image {index} in the message", index),
        TraxImageKind.Memory => Pixels(index),
        _ => throw new MediaException($"image {index} is an address ('{Shorten(Content)}'), expected a path or the image itself; download it."),
    };

    // WIDTH;HEIGHT;FORMAT;BASE64
    private Frame Pixels(int index)
    {
        if (Content.Split(';', 4) is not [var columns, var rows, var format, var base64]
            || !int.TryParse(columns, NumberStyles.None, CultureInfo.InvariantCulture, out var width) || !int.TryParse(rows, NumberStyles.None, CultureInfo.InvariantCulture, out var height)
            || width < 1 || height < 1 || (long)width * height > MaxPixels || BytesPerPixel(format) is not { } bytesPerPixel)
        {
            throw new MediaException($"image {index} in the message begins 'image:{Shorten(Content)}', expected image:WIDTH;HEIGHT;rgb|gray8|gray16;BASE64.");
        }

        var bytes = Base64(base64, index);
        if (bytes.Length != width * height * bytesPerPixel)
        {
            throw new MediaException($"image {index} in the message has {bytes.Length} bytes, expected {width}x{height} pixels of {format} = {width * height * bytesPerPixel}.");
        }

        if (bytesPerPixel == 3)
        {
            return new(bytes, width, height, index);
        }

        var rgb = new byte[width * height * 3];
        for (var i = 0; i < width * height; i++)
        {
            var value = bytesPerPixel == 1 ? bytes[i] : bytes[(2 * i) + 1]; // the high byte of a little-endian pair
            rgb.AsSpan(3 * i, 3).Fill(value);
        }

        return new(rgb, width, height, index);
    }

    private static int? BytesPerPixel(string format) => format switch
    {
        "rgb" => 3,
        "gray8" => 1,
        "gray16" => 2,
        _ => null,
    };

    private static byte[] Base64(string text, int index)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException e)
        {
            throw new MediaException($"image {index} in the message is not base64, expected the whole image in it.", e);
        }
    }

    private static string? After(string text, string start) => text.StartsWith(start, StringComparison.Ordinal) ? text[start.Length..] : null;

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "...";
}
