using HqTrack.Media;

namespace HqTrack.Tests.Media;

public sealed class FolderSourceTests
{
    [Fact]
    public void ReadsTheFramesInNaturalOrder()
    {
        using var folder = new TempFolder();
        foreach (var i in (int[])[10, 2, 1])
        {
            folder.Put($"{i}.png", ImageFile.EncodePng(Plain(8, 6, (byte)i)));
        }

        folder.Put("notes.txt", [1]);
        folder.Put(".hidden.png", [1]);
        var source = FrameSource.Open(folder.Root);
        Assert.Equal((3, 0, 0), (source.Count, source.Width, source.Height));

        var frames = source.Read(TestContext.Current.CancellationToken).ToArray();
        Assert.Equal([1, 2, 10], frames.Select(f => (int)f.Rgb[0]));
        Assert.Equal([0, 1, 2], frames.Select(f => f.Index));
        Assert.Equal((8, 6), (source.Width, source.Height));
        Assert.Equal(10, ((FolderSource)source).Load(2).Rgb[5]);
    }

    [Fact]
    public void DecodesLazilyAndStopsWhenCancelled()
    {
        using var folder = new TempFolder();
        folder.Put("0.png", ImageFile.EncodePng(Plain(8, 6, 1)));
        folder.Put("1.png", [1, 2, 3]);
        using var cancel = new CancellationTokenSource();
        using var frames = FrameSource.Open(folder.Root).Read(cancel.Token).GetEnumerator();
        Assert.True(frames.MoveNext());
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => frames.MoveNext());
    }

    [Fact]
    public void AMissingFolderIsNamed()
    {
        var e = Assert.Throws<MediaException>(() => FrameSource.Open("/nowhere/clip"));
        Assert.Equal("'/nowhere/clip' does not exist, expected a folder of images, a video file, a list of files (.txt) or a camera; check the path.", e.Message);
    }

    [Fact]
    public void AnEmptyFolderIsNamed()
    {
        using var folder = new TempFolder();
        var e = Assert.Throws<MediaException>(() => FrameSource.Open(folder.Root));
        Assert.Equal($"the folder '{folder.Root}' holds no image, expected JPEG, PNG or WebP files; give the folder that holds the frames themselves.", e.Message);
    }

    [Fact]
    public void AListOfFilesIsAVideoInItsOrder()
    {
        using var folder = new TempFolder();
        foreach (var (name, red) in new[] { ("b.png", (byte)10), ("a.png", (byte)20) })
        {
            ImageFile.WritePng(folder[name], new Frame([red, 0, 0], 1, 1));
        }

        File.WriteAllText(folder["list.txt"], "# the frames\nb.png\n\n  a.png\n");
        var source = FrameSource.Open(folder["list.txt"]);
        Assert.Equal([10, 20], source.Read(TestContext.Current.CancellationToken).Select(frame => (int)frame.Rgb[0]));
        Assert.Equal("a.png", source.FrameName(1));
        Assert.Equal([20, 10], source.ReadBackward(1, TestContext.Current.CancellationToken).Select(frame => (int)frame.Rgb[0]));
        File.WriteAllText(folder["list.txt"], "b.png\nc.png\n");
        Assert.Contains("as frame 1, which does not exist", Assert.Throws<MediaException>(() => FrameSource.Open(folder["list.txt"])).Message, StringComparison.Ordinal);
        File.WriteAllText(folder["list.txt"], "# none\n");
        Assert.Contains("names no image", Assert.Throws<MediaException>(() => FrameSource.Open(folder["list.txt"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SomeFramesKeepTheirNumbers()
    {
        using var folder = new TempFolder();
        for (byte i = 0; i < 10; i++)
        {
            ImageFile.WritePng(folder[$"{i}.png"], new Frame([i, 0, 0], 1, 1));
        }

        var range = FrameSource.Open(folder.Root).Range(2, 8, 3);
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal([(2, 2), (5, 5), (8, 8)], range.Read(cancellation).Select(frame => (frame.Index, (int)frame.Rgb[0])));
        Assert.Equal([5, 8], range.ReadFrom(3, cancellation).Select(frame => frame.Index));
        Assert.Equal([5, 2], range.ReadBackward(7, cancellation).Select(frame => frame.Index));
        Assert.Equal(3, range.Count);
        Assert.Equal([false, true, false, true], new[] { 1, 2, 3, 8 }.Select(range.MayHold));
        Assert.Contains("it has the frames 0 to 9", Assert.Throws<MediaException>(() => FrameSource.Open(folder.Root).Range(10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnreadableFrameInTheMiddleIsNamedAfterThoseBeforeIt()
    {
        using var folder = new TempFolder();
        var jpeg = ImageFile.EncodeJpeg(Noise(64, 48));
        folder.Put("00000.jpg", jpeg);
        folder.Put("00001.jpg", jpeg[..(jpeg.Length / 2)]);
        folder.Put("00002.jpg", "not an image"u8.ToArray());
        folder.Put("00003.jpg", []);
        var source = FolderSource.Open(folder.Root);
        Assert.Equal(64, source.Read(TestContext.Current.CancellationToken).First().Width);
        Assert.Equal(
            $"frame 1: '{folder["00001.jpg"]}' is cut short ({jpeg.Length / 2} bytes), expected a whole 64x48 image; replace or remove the file.",
            Assert.Throws<MediaException>(() => source.Load(1)).Message);
        Assert.Equal(
            $"frame 2: '{folder["00002.jpg"]}' is not an image (12 bytes), expected a JPEG, PNG or WebP; replace or remove the file.",
            Assert.Throws<MediaException>(() => source.Load(2)).Message);
        Assert.Equal(
            $"frame 3: '{folder["00003.jpg"]}' is not an image (the file is empty), expected a JPEG, PNG or WebP; replace or remove the file.",
            Assert.Throws<MediaException>(() => source.Load(3)).Message);
    }

    [Fact]
    public void AFrameOfAnotherSizeIsNamed()
    {
        using var folder = new TempFolder();
        folder.Put("0.png", ImageFile.EncodePng(Plain(8, 6, 1)));
        folder.Put("1.png", ImageFile.EncodePng(Plain(6, 8, 1)));
        var source = FolderSource.Open(folder.Root);
        source.Load(0);
        Assert.Equal(
            $"frame 1: '{folder["1.png"]}' is 6x8, expected 8x6 like the frames before it; scale all frames to one size, or track the parts as separate videos.",
            Assert.Throws<MediaException>(() => source.Load(1)).Message);
    }

    [Fact]
    public void MasksBesideTheFramesAreRefused()
    {
        using var folder = new TempFolder();
        folder.Put("0.png", [1]);
        folder.Put("0.jpg", [1]);
        var e = Assert.Throws<MediaException>(() => FrameSource.Open(folder.Root));
        Assert.Equal($"the folder '{folder.Root}' holds both '0.jpg' and '0.png', expected one image per frame; move masks and copies to another folder.", e.Message);
    }

    [Fact]
    public void AListKeepsItsOrderAndAnEmptyOneIsRefused()
    {
        using var folder = new TempFolder();
        var paths = Enumerable.Range(0, 3).Select(i => folder.Put($"{i}.png", ImageFile.EncodePng(Plain(4, 4, (byte)i)))).Reverse().ToArray();
        Assert.Equal([2, 1, 0], FrameSource.FromFiles(paths).Read(TestContext.Current.CancellationToken).Select(f => (int)f.Rgb[0]));
        Assert.Throws<MediaException>(() => FrameSource.FromFiles([]));
    }

    private static Frame Plain(int width, int height, byte value)
    {
        var rgb = new byte[width * height * 3];
        Array.Fill(rgb, value);
        return new Frame(rgb, width, height);
    }

    private static Frame Noise(int width, int height)
    {
        var rgb = new byte[width * height * 3];
        new Random(3).NextBytes(rgb);
        return new Frame(rgb, width, height);
    }
}
