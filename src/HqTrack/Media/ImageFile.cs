using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace HqTrack.Media;

/// <summary>
/// Images on disk to and from <see cref="Frame"/>. Decoding is to RGBA, unpremultiplied and without colour-space conversion: an ICC
/// profile or an alpha channel changes no pixel. The EXIF orientation is not applied, so that masks lie on the stored pixels.
/// </summary>
internal static class ImageFile
{
    /// <summary>Extensions of the image formats that are read, lower case.</summary>
    public static readonly IReadOnlyList<string> Extensions = [".jpg", ".jpeg", ".png", ".webp"];

    private const int MaxPixels = 1 << 28;

    /// <summary>True where the file's name ends like an image's.</summary>
    public static bool HasImageExtension(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Decodes a JPEG, PNG or WebP file.</summary>
    /// <exception cref="MediaException">The file is missing, is no image or is damaged.</exception>
    public static Frame Read(string path, int index = 0) => Decode(ReadBytes(path), path, index);

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="MediaException">The file is missing or cannot be read.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MediaException($"'{path}' does not exist, expected an image file; check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MediaException($"'{path}' cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Decodes an image in memory; <paramref name="name"/> is what messages call it.</summary>
    /// <exception cref="MediaException">The bytes are no image or are damaged.</exception>
    public static unsafe Frame Decode(ReadOnlySpan<byte> bytes, string name, int index = 0)
    {
        fixed (byte* encoded = bytes)
        {
            using var data = bytes.IsEmpty ? SKData.CreateCopy([]) : SKData.Create((nint)encoded, bytes.Length);
            using var codec = SKCodec.Create(data)
                ?? throw new MediaException($"'{name}' is not an image ({Size(bytes.Length)}), expected a JPEG, PNG or WebP; replace or remove the file.");
            var (width, height) = (codec.Info.Width, codec.Info.Height);
            if ((long)width * height > MaxPixels)
            {
                throw new MediaException($"'{name}' is {width}x{height}, expected at most {MaxPixels / 1_000_000} million pixels; scale the image down.");
            }

            var pixels = width * height;
            var rgba = ArrayPool<byte>.Shared.Rent(pixels * 4);
            try
            {
                SKCodecResult result;
                fixed (byte* decoded = rgba)
                {
                    result = codec.GetPixels(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), (nint)decoded);
                }

                if (result != SKCodecResult.Success)
                {
                    var reason = result == SKCodecResult.IncompleteInput ? "is cut short" : $"is damaged ({result})";
                    throw new MediaException($"'{name}' {reason} ({Size(bytes.Length)}), expected a whole {width}x{height} image; replace or remove the file.");
                }

                return new Frame(DropAlpha(rgba.AsSpan(0, pixels * 4)), width, height, index);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rgba);
            }
        }
    }

    /// <summary>Writes a JPEG, whole or not at all. <paramref name="quality"/> is 1..100.</summary>
    /// <exception cref="MediaException">The file cannot be written.</exception>
    public static void WriteJpeg(string path, Frame frame, int quality = 92) => AtomicFile.Write(path, EncodeJpeg(frame, quality));

    /// <summary>Writes an RGB PNG, whole or not at all.</summary>
    /// <exception cref="MediaException">The file cannot be written.</exception>
    public static void WritePng(string path, Frame frame) => AtomicFile.Write(path, EncodePng(frame));

    /// <summary>Encodes a JPEG. <paramref name="quality"/> is 1..100.</summary>
    public static byte[] EncodeJpeg(Frame frame, int quality = 92)
    {
        var options = new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample420, SKJpegEncoderAlphaOption.Ignore);
        return Encode(frame, pixmap => pixmap.Encode(options));
    }

    /// <summary>Encodes an RGB PNG.</summary>
    public static byte[] EncodePng(Frame frame) =>
        Encode(frame, pixmap => pixmap.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub | SKPngEncoderFilterFlags.Up, 3)));

    /// <summary>Copies a frame into a new bitmap (Rgba8888, opaque), which the caller disposes.</summary>
    public static SKBitmap ToBitmap(Frame frame)
    {
        var bitmap = new SKBitmap(new SKImageInfo(frame.Width, frame.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        AddAlpha(frame.Rgb, bitmap.GetPixelSpan());
        return bitmap;
    }

    private static byte[] Encode(Frame frame, Func<SKPixmap, SKData?> encode)
    {
        // Into memory first: an exception of a managed stream must not cross the native encoder.
        using var bitmap = ToBitmap(frame);
        using var pixmap = bitmap.PeekPixels();
        using var data = encode(pixmap)
            ?? throw new MediaException($"frame {frame.Index} ({frame.Width}x{frame.Height}) cannot be encoded, expected at most 65535 pixels a side; scale it down.");
        return data.ToArray();
    }

    private static byte[] DropAlpha(ReadOnlySpan<byte> rgba)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(rgba);
        var rgb = GC.AllocateUninitializedArray<byte>(pixels.Length * 3);
        ref var target = ref MemoryMarshal.GetArrayDataReference(rgb);

        // Each store of four bytes is overlapped by the next; the last pixel is stored byte by byte.
        var last = pixels.Length - 1;
        for (var i = 0; i < last; i++)
        {
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, i * 3), pixels[i]);
        }

        rgba.Slice(last * 4, 3).CopyTo(rgb.AsSpan(last * 3));
        return rgb;
    }

    private static void AddAlpha(ReadOnlySpan<byte> rgb, Span<byte> rgba)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(rgba);
        ref var source = ref MemoryMarshal.GetReference(rgb);
        var last = (rgb.Length / 3) - 1;
        for (var i = 0; i < last; i++)
        {
            pixels[i] = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, i * 3)) | 0xFF000000u;
        }

        rgb.Slice(last * 3, 3).CopyTo(rgba[(last * 4)..]);
        rgba[(last * 4) + 3] = 255;
    }

    private static string Size(int bytes) => bytes == 0 ? "the file is empty" : $"{bytes} bytes";
}
