using System.Diagnostics;
using HqTrack.Media;
using HqTrack.Media.Video;

namespace HqTrack.Tests.Media.Video;

/// <summary>Small video files made by ffmpeg from frames whose number can be read off their brightness.</summary>
internal static class TestVideo
{
    private const int Step = 6;

    private static readonly Lazy<bool> IsHere = new(FfmpegProgram.IsHere);

    /// <summary>Skips the test where there is no ffmpeg.</summary>
    public static void Need() => Assert.SkipUnless(IsHere.Value, "no ffmpeg here");

    /// <summary>Encodes frames at 25 a second.</summary>
    /// <param name="path">The video.</param>
    /// <param name="count">Number of frames.</param>
    /// <param name="options">ffmpeg's output options.</param>
    /// <param name="width">Width.</param>
    /// <param name="height">Height.</param>
    public static void Write(string path, int count, string options, int width = 64, int height = 48) =>
        Run(["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{width}x{height}", "-r", "25", "-i", "pipe:0", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), path], input =>
        {
            for (var i = 0; i < count; i++)
            {
                input.Write(Pixels(i, width, height));
            }
        });

    /// <summary>Runs ffmpeg.</summary>
    public static void Run(string[] arguments, Action<Stream>? feed = null)
    {
        using var process = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-y", .. arguments]) { RedirectStandardInput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        feed?.Invoke(process.StandardInput.BaseStream);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
    }

    /// <summary>The number of a frame, from the middle of its pixels: the left half is darker by half.</summary>
    public static int NumberOf(Frame frame) => (int)Math.Round((frame.Rgb[((frame.Height / 2 * frame.Width) + (frame.Width * 3 / 4)) * 3] - 20.0) / Step);

    /// <summary>Pixels of a frame.</summary>
    public static byte[] Pixels(int number, int width, int height)
    {
        var rgb = new byte[width * height * 3];
        for (var i = 0; i < rgb.Length; i++)
        {
            rgb[i] = (byte)((20 + (number * Step)) / (i / 3 % width < width / 2 ? 2 : 1));
        }

        return rgb;
    }
}
