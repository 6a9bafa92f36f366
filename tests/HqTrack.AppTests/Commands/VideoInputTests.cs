using System.Diagnostics;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Media.Video;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

/// <summary>Videos that cannot be read, or not to their end: one line, the exit code, and what was tracked before is whole.</summary>
[Collection("torch")]
public sealed class VideoInputTests(LiteWeights weights) : IClassFixture<LiteWeights>, IDisposable
{
    private const int Frames = 24;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Each file as ffmpeg makes it ("-" for none), what is cut off it, and what the line says; frames that are tracked before.</summary>
    [Theory]
    [InlineData("sound.mp4", "-f lavfi -i sine=duration=0.2", 1, 0, "no video stream (it holds audio (aac))", "give a file with pictures")]
    [InlineData("empty.avi", "CLIP -frames:v 0", 1, 0, "no frame comes", "check it with ffmpeg -i")]
    [InlineData("headless.mp4", "CLIP -c copy", 0.5, 0, "not a video that ffmpeg can read", "expected a video file")]
    [InlineData("cut.mp4", "CLIP -c copy -movflags +faststart", 0.6, 5, "damaged or cut short: it ends after frame", "of 24", "copy or record it again", "frames before it are whole")]
    [InlineData("cut.mkv", "CLIP -c copy", 0.6, 5, "damaged or cut short: it ends after frame", "File ended prematurely", "frames before it are whole")]
    public async Task A_file_that_is_no_whole_video(string name, string options, double kept, int tracked, params string[] expected)
    {
        Assert.SkipUnless(FfmpegProgram.IsHere(), "no ffmpeg here");
        var clip = Clip();
        Run("ffmpeg", ["-v", "error", .. options.Replace("CLIP", $"-i {folder["clip.mp4"]}", StringComparison.Ordinal).Split(' '), folder[name]]);
        var whole = File.ReadAllBytes(folder[name]);
        File.WriteAllBytes(folder[name], whole[..(int)(whole.Length * kept)]);
        var run = await Hqtrack.RunAsync(Arguments(clip, folder[name]));
        run.AssertFails(ExitCode.Failure, [name, .. expected]);
        AssertWhole(tracked);
    }

    [Fact]
    public async Task A_video_of_zero_bytes()
    {
        Assert.SkipUnless(FfmpegProgram.IsHere(), "no ffmpeg here");
        var run = await Hqtrack.RunAsync(Arguments(Clip(), folder.Put("zero.mp4", [])));
        run.AssertFails(ExitCode.Failure, "zero.mp4", "not a video that ffmpeg can read");
        AssertWhole(0);
    }

    [Fact]
    public async Task Ffmpeg_that_is_not_here()
    {
        Assert.SkipUnless(FfmpegProgram.IsHere(), "no ffmpeg here");
        var clip = Clip();
        var environment = new Dictionary<string, string> { [FfmpegProgram.Variable] = folder["nowhere/ffmpeg"] };
        using (var process = Hqtrack.Start(environment, Arguments(clip, folder["clip.mp4"])))
        {
            (await Hqtrack.FinishAsync(process)).AssertFails(ExitCode.Failure, "clip.mp4", "needs the program ffprobe", "not found", "install ffmpeg", FfmpegProgram.Variable);
        }

        AssertWhole(0);
        using var frames = Hqtrack.Start(environment, Arguments(clip, clip.Frames, "--end", "3"));
        (await Hqtrack.FinishAsync(frames)).AssertSucceeds(); // a folder needs none
        AssertWhole(4);
    }

    [Fact]
    public async Task Ffmpeg_that_dies_midway()
    {
        Assert.SkipUnless(FfmpegProgram.IsHere() && !OperatingSystem.IsWindows(), "no ffmpeg here, or no shell");
        var clip = Clip();
        var frame = $"{SmallClip.Width * SmallClip.Height * 3}";
        Script("ffprobe", "exec ffprobe \"$@\"");
        Script("ffmpeg", $"ffmpeg \"$@\" | head -c $(({frame} * 9)) # the ninth picture is cut, since each has a header\nkill -KILL $$");
        using var process = Hqtrack.Start(new Dictionary<string, string> { [FfmpegProgram.Variable] = folder["bin/ffmpeg"] }, Arguments(clip, folder["clip.mp4"]));
        (await Hqtrack.FinishAsync(process)).AssertFails(ExitCode.Failure, "after frame 7", "exit code 137", "cut it before that frame", "8 frames before it are whole");
        AssertWhole(8, exactly: true);
    }

    [Fact]
    public async Task A_pipe_that_would_have_to_be_wound_back()
    {
        Assert.SkipUnless(FfmpegProgram.IsHere(), "no ffmpeg here");
        var clip = Clip();
        using var process = Hqtrack.Start(new Dictionary<string, string>(), feedsInput: true, Arguments(clip, "-"));
        var finished = Hqtrack.FinishAsync(process);
        Run("ffmpeg", "-v", "error", "-stream_loop", "40", "-i", folder["clip.mp4"], "-c", "copy", folder["long.mp4"]); // more than ffmpeg keeps to wind back
        try
        {
            process.StandardInput.BaseStream.Write(File.ReadAllBytes(folder["long.mp4"])); // its index lies at the end
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has seen enough.
        }

        (await finished).AssertFails(ExitCode.Failure, "stdin", "no frame comes", "pipe Matroska or MPEG-TS");
        AssertWhole(0);
    }

    [Fact]
    public async Task A_way_back_from_a_frame_that_was_cut_off()
    {
        Assert.SkipUnless(FfmpegProgram.IsHere(), "no ffmpeg here");
        var clip = Clip();
        Run("ffmpeg", "-v", "error", "-i", folder["clip.mp4"], "-c", "copy", "-movflags", "+faststart", folder["cut.mp4"]);
        var whole = File.ReadAllBytes(folder["cut.mp4"]);
        File.WriteAllBytes(folder["cut.mp4"], whole[..(whole.Length * 6 / 10)]);
        var run = await Hqtrack.RunAsync("track", folder["cut.mp4"], "--mask", $"{clip.Mask}@23", "--direction", "backward", "-o", folder["out"], "--weights", weights.Path, "--quiet");
        run.AssertFails(ExitCode.Usage, "a prompt is for frame 23", "the last one that can be decoded is");
        AssertWhole(0);
    }

    [Fact]
    public async Task A_box_that_nobody_can_answer_is_refused_before_anything_is_written()
    {
        var clip = Clip();
        var run = await Hqtrack.RunAsync("track", clip.Frames, "--box", "1:5,5,20,20", "-o", folder["out"], "--weights", weights.Path);
        run.AssertFails(ExitCode.Usage, "object 1", "--refiner");
        AssertWhole(0);
    }

    private SmallClip Clip()
    {
        var clip = SmallClip.Write(folder, Frames);
        if (FfmpegProgram.IsHere())
        {
            Run("ffmpeg", "-v", "error", "-i", Path.Combine(clip.Frames, "%05d.jpg"), "-c:v", "libx264", "-crf", "1", "-vf", "noise=alls=30", folder["clip.mp4"]);
        }

        return clip;
    }

    private string[] Arguments(SmallClip clip, string video, params string[] more) =>
        ["track", video, "--mask", clip.Mask, "-o", folder["out"], "--weights", weights.Path, "--threads", "1", "--quiet", "--export", "masks,csv", .. more];

    private void AssertWhole(int tracked, bool exactly = false)
    {
        if (tracked == 0)
        {
            Assert.False(Directory.Exists(folder["out/masks"]) && Directory.GetFiles(folder["out/masks"]).Length > 0);
            Assert.False(File.Exists(folder["out/objects.csv"]));
            return;
        }

        var masks = Directory.GetFiles(folder["out/masks"]);
        Assert.InRange(masks.Length, tracked, exactly ? tracked : Frames - 1);
        Assert.All(masks, file => MaskFile.Read(file, SmallClip.Width, SmallClip.Height, allowEmpty: true));
        Assert.Equal(masks.Length, HqTrack.Exports.CsvExport.Read(folder["out/objects.csv"]).Select(line => line.Frame).Distinct().Count());
        Assert.Empty(Directory.GetFiles(folder["out"], "*.tmp", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }));
    }

    private void Script(string name, string text)
    {
        var path = folder.Put($"bin/{name}", System.Text.Encoding.UTF8.GetBytes($"#!/bin/sh\n{text}\n"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
