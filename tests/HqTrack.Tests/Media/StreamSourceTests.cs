using HqTrack.Media;
using HqTrack.Tests.Media.Video;

namespace HqTrack.Tests.Media;

public sealed class StreamSourceTests
{
    [Fact]
    public void Jpegs_one_after_another()
    {
        var stream = new MemoryStream();
        for (var i = 0; i < 5; i++)
        {
            var jpeg = ImageFile.EncodeJpeg(new Frame(TestVideo.Pixels(i, 64, 48), 64, 48));
            stream.Write(jpeg.AsSpan(0, 2));
            stream.Write([0xFF, 0xE5, 0, 8, 0xFF, 0xD8, 0xFF, 0xD9, 1, 2]); // a segment that looks like a picture inside
            stream.Write(jpeg.AsSpan(2));
        }

        Assert.Equal(Enumerable.Range(0, 5), Read(stream).Select(TestVideo.NumberOf));
        stream.SetLength(stream.Length - 30);
        Assert.Contains("ends inside frame 4", Assert.Throws<MediaException>(() => Read(stream)).Message);
    }

    [Fact]
    public void Ppms_one_after_another()
    {
        var stream = new MemoryStream();
        for (var i = 0; i < 5; i++)
        {
            stream.Write("P6\n# made by hand\n64 48\n255\n"u8);
            stream.Write(TestVideo.Pixels(i, 64, 48));
        }

        Assert.Equal(Enumerable.Range(0, 5), Read(stream).Select(TestVideo.NumberOf));
        stream.SetLength(stream.Length - 1);
        Assert.Contains("ends inside frame 4", Assert.Throws<MediaException>(() => Read(stream)).Message);
    }

    [Theory]
    [InlineData("raw:64x48")]
    [InlineData("raw:64x48:rgb24")]
    [InlineData("raw:64x48:bgr24")]
    [InlineData("raw:64x48:gray")]
    public void Raw_pixels(string form)
    {
        var stream = new MemoryStream();
        for (var i = 0; i < 5; i++)
        {
            var rgb = TestVideo.Pixels(i, 64, 48);
            stream.Write(form.EndsWith("gray", StringComparison.Ordinal) ? [.. rgb.Where((_, at) => at % 3 == 0)] : rgb);
        }

        Assert.Equal(Enumerable.Range(0, 5), Read(stream, form).Select(TestVideo.NumberOf));
        stream.SetLength(stream.Length - 1);
        Assert.Contains("ends inside frame 4", Assert.Throws<MediaException>(() => Read(stream, form)).Message);
    }

    [Fact]
    public void Blue_and_red_change_places() => Assert.Equal([3, 2, 1], Read(new MemoryStream([1, 2, 3]), "raw:1x1:bgr24")[0].Rgb);

    [Theory]
    [InlineData("raw")]
    [InlineData("raw:64")]
    [InlineData("raw:0x48")]
    [InlineData("raw:64x48:yuv")]
    [InlineData("raw:64x48:gray:1")]
    [InlineData("jpeg:64x48")]
    public void Forms_that_are_not_known(string form) => Assert.Throws<ArgumentException>(() => RawFormat.Parse(form));

    [Fact]
    public void Any_video_through_ffmpeg()
    {
        TestVideo.Need();
        using var folder = new TempFolder();
        TestVideo.Write(folder["clip.mkv"], 20, "-c:v ffv1");
        Assert.Equal(Enumerable.Range(0, 20), Read(new MemoryStream(File.ReadAllBytes(folder["clip.mkv"]))).Select(TestVideo.NumberOf));
        Assert.Contains("cannot be decoded", Assert.Throws<MediaException>(() => Read(new MemoryStream("no video at all"u8.ToArray()))).Message);
    }

    [Fact]
    public void Nothing_at_all() => Assert.Contains("no frame", Assert.Throws<MediaException>(() => Read(new MemoryStream())).Message);

    [Fact]
    public void A_stream_passes_once()
    {
        var source = new StreamSource(new MemoryStream(new byte[12]), RawFormat.Parse("raw:2x2:gray"));
        using var peeked = new PeekedSource(source);
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal([0, 1, 2], peeked.Read(cancellation).Select(frame => frame.Index));
        Assert.Contains("only once", Assert.Throws<MediaException>(() => peeked.Read(cancellation).Count()).Message);
        Assert.Contains("cannot be read backwards", Assert.Throws<MediaException>(() => source.ReadBackward(1, cancellation)).Message);
    }

    private static List<Frame> Read(MemoryStream stream, string? form = null)
    {
        stream.Position = 0;
        return [.. new StreamSource(stream, form is null ? null : RawFormat.Parse(form)).Read(TestContext.Current.CancellationToken)];
    }
}
