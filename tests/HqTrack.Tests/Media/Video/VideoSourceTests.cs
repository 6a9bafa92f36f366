using HqTrack.Media;
using HqTrack.Media.Video;

namespace HqTrack.Tests.Media.Video;

public sealed class VideoSourceTests : IDisposable
{
    private readonly TempFolder folder = new();

    public VideoSourceTests() => TestVideo.Need();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("clip.mp4", "-c:v libx264 -crf 10")]
    [InlineData("clip.mkv", "-c:v ffv1")]
    [InlineData("clip.avi", "-c:v mjpeg -q:v 2")]
    [InlineData("10bit.mkv", "-c:v ffv1 -pix_fmt yuv420p10le")]
    [InlineData("alpha.mov", "-c:v png -pix_fmt rgba")]
    [InlineData("clip.webm", "-c:v libvpx-vp9 -b:v 1M -pix_fmt yuva420p")]
    public void Every_frame_comes_once_with_its_time(string name, string options)
    {
        TestVideo.Write(folder[name], 30, options);
        var frames = Read(FrameSource.Open(folder[name]));
        Assert.Equal(Enumerable.Range(0, 30).Select(i => (i, i)), frames.Select(frame => (frame.Index, TestVideo.NumberOf(frame))));
        Assert.All(frames, frame => Assert.Equal(frame.Index / 25.0, frame.Timestamp!.Value.TotalSeconds, 2));
        Assert.All(frames, frame => Assert.Equal((64, 48), (frame.Width, frame.Height)));
    }

    [Fact]
    public void A_time_base_of_its_own_and_an_odd_size()
    {
        TestVideo.Write(folder["odd.mp4"], 30, "-c:v libx264 -pix_fmt yuv444p -crf 10 -video_track_timescale 90001", 63, 47);
        var source = FrameSource.Open(folder["odd.mp4"]);
        Assert.Equal((30, 63, 47), (source.Count, source.Width, source.Height));
        Assert.Equal(30, Read(source).Count);
    }

    [Theory]
    [InlineData(90)]
    [InlineData(270)]
    public void A_turned_video_comes_upright(int degrees)
    {
        TestVideo.Write(folder["flat.mp4"], 10, "-c:v libx264 -crf 10");
        TestVideo.Run(["-i", folder["flat.mp4"], "-c", "copy", "-metadata:s:v", $"rotate={degrees}", folder["turned.mp4"]]);
        var source = FrameSource.Open(folder["turned.mp4"]);
        Assert.Equal((48, 64), (source.Width, source.Height));
        var frame = Read(source)[5];
        Assert.Equal((48, 64), (frame.Width, frame.Height));
        var (top, bottom) = (frame.Rgb[(5 * 48 * 3) + 72], frame.Rgb[(58 * 48 * 3) + 72]);
        Assert.Equal(degrees == 270, top < bottom); // the dark left half is above after a quarter turn clockwise, which this tag counts the other way
    }

    [Fact]
    public void A_variable_frame_rate_gives_each_picture_once()
    {
        TestVideo.Write(folder["vfr.mkv"], 20, "-c:v ffv1 -vf setpts='if(lt(N,10),N,10+(N-10)*4)/25/TB' -fps_mode passthrough");
        var frames = Read(FrameSource.Open(folder["vfr.mkv"]));
        Assert.Equal(Enumerable.Range(0, 20), frames.Select(TestVideo.NumberOf));
        Assert.Equal(0.2, frames[5].Timestamp!.Value.TotalSeconds, 2);
        Assert.Equal((10 + (9 * 4)) / 25.0, frames[19].Timestamp!.Value.TotalSeconds, 2);
    }

    [Fact]
    public void From_the_middle_and_backwards()
    {
        TestVideo.Write(folder["clip.mp4"], 38, "-c:v libx264 -g 8 -bf 2 -crf 10");
        var source = FrameSource.Open(folder["clip.mp4"]);
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal(Enumerable.Range(21, 17).Select(i => (i, i)), source.ReadFrom(21, cancellation).Select(frame => (frame.Index, TestVideo.NumberOf(frame))));
        Assert.Equal(Enumerable.Range(0, 31).Reverse().Select(i => (i, i)), source.ReadBackward(30, cancellation).Select(frame => (frame.Index, TestVideo.NumberOf(frame))));
    }

    [Fact]
    public void Backwards_in_stretches_of_a_large_video()
    {
        // 2200x1600: 24 frames fill a stretch, so there are three.
        TestVideo.Write(folder["large.mp4"], 34, "-c:v libx264 -preset ultrafast -g 10 -crf 20", 2200, 1600);
        var numbers = FrameSource.Open(folder["large.mp4"]).ReadBackward(33, TestContext.Current.CancellationToken).Select(frame => (frame.Index, TestVideo.NumberOf(frame)));
        Assert.Equal(Enumerable.Range(0, 34).Reverse().Select(i => (i, i)), numbers);
    }

    [Fact]
    public void A_reading_that_stops_early_leaves_no_ffmpeg_behind()
    {
        TestVideo.Write(folder["clip.mp4"], 30, "-c:v libx264");
        Assert.Equal(3, FrameSource.Open(folder["clip.mp4"]).Read(TestContext.Current.CancellationToken).Take(3).Count());
        Assert.DoesNotContain(System.Diagnostics.Process.GetProcessesByName("ffmpeg"), process => CommandLine(process.Id).Contains(folder.Root, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_without_a_video_stream()
    {
        TestVideo.Run(["-f", "lavfi", "-i", "sine=duration=0.2", folder["sound.mp4"]]);
        Fails(folder["sound.mp4"], "no video stream", "audio (aac)");
    }

    [Fact]
    public void A_file_that_is_no_video() => Fails(folder.Put("letter.mp4", "Dear reader"u8.ToArray()), "not a video that ffmpeg can read");

    [Fact]
    public void A_truncated_file()
    {
        TestVideo.Write(folder["whole.mp4"], 36, "-c:v libx264 -crf 1 -movflags +faststart -vf noise=alls=60");
        var whole = File.ReadAllBytes(folder["whole.mp4"]);
        var frames = new List<Frame>();
        var e = Assert.Throws<MediaException>(() => frames.AddRange(FrameSource.Open(folder.Put("cut.mp4", whole[..(whole.Length * 2 / 3)])).Read(TestContext.Current.CancellationToken)));
        Assert.Contains("damaged or cut short", e.Message);
        Assert.Contains("of 36", e.Message);
        Fails(folder.Put("headless.mp4", whole[..20]), "not a video");
    }

    [Fact]
    public void A_video_without_frames()
    {
        TestVideo.Write(folder["clip.mp4"], 5, "-c:v libx264");
        TestVideo.Run(["-i", folder["clip.mp4"], "-c", "copy", "-frames:v", "0", folder["empty.avi"]]);
        Fails(folder["empty.avi"], "no frame comes");
        var e = Assert.Throws<MediaException>(() => new PeekedSource(FrameSource.Open(folder["clip.mp4"]).Range(0, 9, 1).Range(7)));
        Assert.Contains("frames 7 to the end", e.Message);
    }

    [Fact]
    public void Ffmpeg_that_is_not_here()
    {
        var before = Environment.GetEnvironmentVariable(FfmpegProgram.Variable);
        TestVideo.Write(folder["clip.mp4"], 3, "-c:v libx264");
        Environment.SetEnvironmentVariable(FfmpegProgram.Variable, folder["nowhere/ffmpeg"]);
        try
        {
            Fails(folder["clip.mp4"], "not found", "install ffmpeg");
        }
        finally
        {
            Environment.SetEnvironmentVariable(FfmpegProgram.Variable, before);
        }
    }

    [Fact]
    public void Ffmpeg_that_dies_midway()
    {
        TestVideo.Write(folder["clip.mp4"], 38, "-c:v libx264", 1280, 720); // more than the pipe holds
        var seen = 0;
        var e = Assert.Throws<MediaException>(() =>
        {
            foreach (var frame in FrameSource.Open(folder["clip.mp4"]).Read(TestContext.Current.CancellationToken))
            {
                if (++seen == 2)
                {
                    var own = System.Diagnostics.Process.GetProcessesByName("ffmpeg").Single(process => CommandLine(process.Id).Contains(folder.Root, StringComparison.Ordinal));
                    own.Kill();
                }
            }
        });
        Assert.InRange(seen, 2, 37);
        Assert.Contains("ffmpeg ended with exit code 137", e.Message);
        Assert.Contains($"after frame {seen - 1}", e.Message);
    }

    private static List<Frame> Read(FrameSource source) => [.. source.Read(TestContext.Current.CancellationToken)];

    private static string CommandLine(int id) => File.Exists($"/proc/{id}/cmdline") ? File.ReadAllText($"/proc/{id}/cmdline") : string.Empty;

    private static void Fails(string path, params string[] parts)
    {
        var e = Assert.Throws<MediaException>(() => Read(FrameSource.Open(path)));
        Assert.All([path, .. parts], part => Assert.Contains(part, e.Message));
        Assert.DoesNotContain('\n', e.Message);
    }
}
