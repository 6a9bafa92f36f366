using HqTrack.Media;
using SkiaSharp;

namespace HqTrack.Tests.Media;

public sealed class FrameSinkTests
{
    [Fact]
    public void FilesAreNamedByTheFramesIndex()
    {
        using var folder = new TempFolder();
        var frame = ImageFileTests.Gradient(32, 24, index: 7);
        var labels = new LabelMap([.. Enumerable.Range(0, 32 * 24).Select(i => (byte)(i % 32 / 16))], 32, 24);
        using (IFrameSink masks = new MaskSink(folder.Root), overlays = new OverlaySink(folder.Root))
        {
            masks.Write(frame, labels);
            overlays.Write(frame, labels);
        }

        Assert.Equal(labels.Ids, MaskFile.Read(folder["masks/00007.png"]).Ids);
        Assert.Equal(32, ImageFile.Read(folder["overlay/00007.jpg"]).Width);
        Assert.Equal(2, Directory.GetFiles(folder.Root, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void TheAnimationHasEveryFrame()
    {
        using var folder = new TempFolder();
        using (var sink = new OverlayAnimationSink(folder.Root, framesPerSecond: 12.5))
        {
            for (var i = 0; i < 4; i++)
            {
                sink.Write(ImageFileTests.Gradient(50, 30, i), new LabelMap(50, 30));
            }

            Assert.False(File.Exists(folder["overlay.webp"]));
        }

        using var codec = SKCodec.Create(folder["overlay.webp"]);
        Assert.Equal((4, 50, 30, -1), (codec.FrameCount, codec.Info.Width, codec.Info.Height, codec.RepetitionCount));
        Assert.All(codec.FrameInfo, f => Assert.Equal(80, f.Duration));
        using var third = new SKBitmap(new SKImageInfo(50, 30, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        Assert.Equal(SKCodecResult.Success, codec.GetPixels(third.Info, third.GetPixels(), new SKCodecOptions(2)));
        var expected = ImageFileTests.Gradient(50, 30, 2).Rgb;
        Assert.Equal(expected[((10 * 50) + 20) * 3], third.GetPixel(20, 10).Red, 12.0);
        Assert.Equal(expected[(((10 * 50) + 20) * 3) + 2], third.GetPixel(20, 10).Blue, 12.0);
        Assert.Equal(new FileInfo(folder["overlay.webp"]).Length - 8, BitConverter.ToUInt32(File.ReadAllBytes(folder["overlay.webp"]), 4));
        Assert.Single(Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void AnAnimationWithoutFramesLeavesNothing()
    {
        using var folder = new TempFolder();
        new OverlayAnimationSink(folder.Root).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void AFrameOfAnotherSizeIsRefusedAndTheOthersStay()
    {
        using var folder = new TempFolder();
        using (var animation = new AnimatedWebp(folder["a.webp"]))
        {
            animation.Add(ImageFileTests.Gradient(20, 10));
            var e = Assert.Throws<MediaException>(() => animation.Add(ImageFileTests.Gradient(10, 20, index: 1)));
            Assert.Equal("frame 1 is 10x20, expected 20x10 like the animation's first and at most 16383 a side; scale the frames.", e.Message);
        }

        Assert.Equal(20, ImageFile.Read(folder["a.webp"]).Width);
    }
}
