using HqTrack.Media;
using SkiaSharp;

namespace HqTrack.Tests.Media;

public sealed class ImageFileTests
{
    [Fact]
    public void PngKeepsEveryPixel()
    {
        using var folder = new TempFolder();
        var frame = Gradient(33, 17);
        ImageFile.WritePng(folder["a.png"], frame);
        var again = ImageFile.Read(folder["a.png"], 4);
        Assert.Equal((33, 17, 4), (again.Width, again.Height, again.Index));
        Assert.Equal(frame.Rgb, again.Rgb);
    }

    [Fact]
    public void JpegStaysClose()
    {
        using var folder = new TempFolder();
        var frame = Gradient(64, 48);
        ImageFile.WriteJpeg(folder["a.jpg"], frame);
        var again = ImageFile.Read(folder["a.jpg"]);
        Assert.True(again.Rgb.Zip(frame.Rgb, (a, b) => Math.Abs(a - b)).Average() < 3);
    }

    [Fact]
    public void AlphaAndColourProfilesChangeNoPixel()
    {
        // Half transparent, and tagged with a colour space that is not sRGB.
        var info = new SKImageInfo(2, 1, SKColorType.Rgba8888, SKAlphaType.Unpremul, SKColorSpace.CreateRgb(SKColorSpaceTransferFn.Linear, SKColorSpaceXyz.AdobeRgb));
        using var bitmap = new SKBitmap(info);
        ((ReadOnlySpan<byte>)[10, 20, 30, 128, 200, 100, 50, 1]).CopyTo(bitmap.GetPixelSpan());
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        Assert.Equal([10, 20, 30, 200, 100, 50], ImageFile.Decode(png.Span, "a.png").Rgb);
    }

    [Fact]
    public void ReadsWebp()
    {
        using var bitmap = ImageFile.ToBitmap(Gradient(16, 8));
        using var pixmap = bitmap.PeekPixels();
        using var webp = SKWebpEncoder.Encode(pixmap, new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50))!;
        Assert.Equal(Gradient(16, 8).Rgb, ImageFile.Decode(webp.Span, "a.webp").Rgb);
    }

    internal static Frame Gradient(int width, int height, int index = 0)
    {
        var rgb = new byte[width * height * 3];
        for (var i = 0; i < width * height; i++)
        {
            (rgb[i * 3], rgb[(i * 3) + 1], rgb[(i * 3) + 2]) = ((byte)(i % width * 3), (byte)(i / width * 4), (byte)(90 + (index * 20)));
        }

        return new Frame(rgb, width, height, index);
    }
}
