using HqTrack.Media;
using HqTrack.Tests.Media.Video;

namespace HqTrack.Tests.Media;

public sealed class AnimationSourceTests
{
    [Fact]
    public void An_animated_webp_without_ffmpeg()
    {
        using var folder = new TempFolder();
        using (var writer = new AnimatedWebp(folder["clip.webp"], framesPerSecond: 10, quality: 100))
        {
            for (var i = 0; i < 12; i++)
            {
                writer.Add(new Frame(TestVideo.Pixels(i, 64, 48), 64, 48, i));
            }
        }

        Check(FrameSource.Open(folder["clip.webp"]), 12);
    }

    [Fact]
    public void An_animated_gif()
    {
        TestVideo.Need();
        using var folder = new TempFolder();
        TestVideo.Write(folder["clip.gif"], 12, "-vf setpts=N/10/TB,split[a][b];[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse=dither=none -r 10");
        Check(FrameSource.Open(folder["clip.gif"]), 12);
    }

    [Fact]
    public void A_still_webp_is_one_frame()
    {
        TestVideo.Need();
        using var folder = new TempFolder();
        TestVideo.Write(folder["still.webp"], 1, "-c:v libwebp -frames:v 1");
        Assert.Single(FrameSource.Open(folder["still.webp"]).Read(TestContext.Current.CancellationToken));
    }

    private static void Check(FrameSource source, int count)
    {
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal(count, source.Count);
        Assert.Equal(10, source.FramesPerSecond!.Value, 1);
        var frames = source.Read(cancellation).ToList();
        Assert.Equal(Enumerable.Range(0, count), frames.Select(TestVideo.NumberOf));
        Assert.Equal(0.5, frames[5].Timestamp!.Value.TotalSeconds, 2);
        var backward = source.ReadBackward(8, cancellation).ToList();
        Assert.Equal(Enumerable.Range(0, 9).Reverse(), backward.Select(frame => frame.Index));
        Assert.All(backward, frame => Assert.Equal(frames[frame.Index].Rgb, frame.Rgb));
    }
}
