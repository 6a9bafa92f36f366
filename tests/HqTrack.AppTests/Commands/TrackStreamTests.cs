using System.Diagnostics;
using System.Globalization;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Media.Video;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

/// <summary>Videos and pipes through the command line.</summary>
[Collection("torch")]
public sealed class TrackStreamTests(LiteWeights weights) : IClassFixture<LiteWeights>, IDisposable
{
    private const int Width = 160;
    private const int Height = 90;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_video_file_in_part()
    {
        Assert.SkipUnless(FfmpegProgram.IsHere(), "no ffmpeg here");
        var clip = SmallClip.Write(folder, 24);
        Run("ffmpeg", "-v", "error", "-i", Path.Combine(clip.Frames, "%05d.jpg"), "-c:v", "libx264", "-crf", "5", folder["clip.mp4"]);
        var run = await Hqtrack.RunAsync(
            "track", folder["clip.mp4"], "--mask", $"{clip.Mask}@4", "--start", "4", "--end", "20", "--every", "4", "-o", folder["out"], "--weights", weights.Path, "--quiet", "--json", "--export", "masks,csv,cvat");
        run.AssertSucceeds();
        Assert.Equal(["00004.png", "00008.png", "00012.png", "00016.png", "00020.png"], Directory.GetFiles(folder["out/masks"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("\n8,0.32,1,", File.ReadAllText(folder["out/objects.csv"]), StringComparison.Ordinal);
        Assert.Contains("name=\"frame_000004\"", File.ReadAllText(folder["out/cvat.xml"]), StringComparison.Ordinal);
        (await Hqtrack.RunAsync("track", folder["clip.mp4"], "--mask", $"{clip.Mask}@5", "--start", "4", "--every", "4", "-o", folder["out2"], "--weights", weights.Path))
            .AssertFails(ExitCode.Usage, "frame 5, which is not tracked");
    }

    [Fact]
    public async Task Raw_frames_through_a_pipe_are_written_as_they_come() => await PipeAsync(frames: 300);

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task A_long_pipe_keeps_the_memory_flat()
    {
        var (first, last, seconds) = await PipeAsync(frames: 20_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"20,000 frames in {seconds:0} s; resident: {first / 1024.0:0.0} MB at most in the first 2,000, {last / 1024.0:0.0} MB in the last half");
        Assert.True(last <= 1.05 * first, $"{last} kB in the last half, {first} kB at most in the first 2,000 frames");
    }

    [Fact]
    public async Task A_stream_that_ends_inside_a_frame()
    {
        using var process = Start();
        var finished = Hqtrack.FinishAsync(process);
        process.StandardInput.BaseStream.Write(Pixels(0));
        process.StandardInput.BaseStream.Write(Pixels(1));
        process.StandardInput.BaseStream.Write(Pixels(2).AsSpan(0, 100));
        process.StandardInput.Close();
        (await finished).AssertFails(ExitCode.Failure, "stdin ends inside frame 2", "2 frames before it");
        Assert.Equal(2, Directory.GetFiles(folder["out/masks"]).Length);
    }

    // Feeds frames, looks at the memory and at the disk; the largest resident sets of the first 2,000 frames and of the last half, in kB.
    private async Task<(long First, long Last, double Seconds)> PipeAsync(int frames)
    {
        using var process = Start();
        var finished = Hqtrack.FinishAsync(process);
        var watch = Stopwatch.StartNew();
        var (first, last, fed) = (0L, 0L, 0);
        var feeding = Task.Run(
            () =>
            {
                for (; fed < frames; fed++)
                {
                    process.StandardInput.BaseStream.Write(Pixels(fed));
                }

                process.StandardInput.Close();
            },
            TestContext.Current.CancellationToken);
        while (!finished.IsCompleted)
        {
            var written = Directory.Exists(folder["out/masks"]) ? Directory.EnumerateFiles(folder["out/masks"], "?????.png").Count() : 0;
            Assert.InRange(written, Math.Max(0, Volatile.Read(ref fed) - 40) * (fed > 100 ? 1 : 0), frames); // what was fed is on disk, but for a few on the way
            var resident = Resident(process.Id);
            (first, last) = (written <= 2000 ? Math.Max(first, resident) : first, written > frames / 2 ? Math.Max(last, resident) : last);
            await Task.WhenAny(finished, Task.Delay(100, TestContext.Current.CancellationToken));
        }

        await feeding;
        var run = await finished;
        run.AssertSucceeds();
        Assert.Equal(frames, Directory.GetFiles(folder["out/masks"]).Length);
        Assert.Equal(frames, run.Json.GetProperty("frames").GetInt32());
        return (first, last, watch.Elapsed.TotalSeconds);
    }

    private Process Start()
    {
        var mask = new LabelMap(Width, Height);
        for (var y = 20; y < 60; y++)
        {
            mask.Ids.AsSpan((y * Width) + 30, 40).Fill(1);
        }

        MaskFile.Write(folder["mask.png"], mask);
        return Hqtrack.Start(
            new Dictionary<string, string>(), feedsInput: true, "track", "-", "--stdin-format", $"raw:{Width}x{Height}", "--mask", folder["mask.png"], "-o", folder["out"], "--weights", weights.Path, "--max-size", $"{Height}", "--threads", "1", "--quiet", "--json", "--export", "masks,csv,coco"); // on one thread libtorch has more to say on stderr
    }

    private static byte[] Pixels(int index)
    {
        var rgb = new byte[Width * Height * 3];
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var at = ((y * Width) + x) * 3;
                var isInside = y is >= 20 and < 60 && x - (index % 60) is >= 30 and < 70;
                (rgb[at], rgb[at + 1], rgb[at + 2]) = ((byte)(isInside ? 220 : 60), (byte)(80 + (x % 30)), (byte)(90 + (y % 30)));
            }
        }

        return rgb;
    }

    private static long Resident(int id)
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(entry => entry.StartsWith("VmRSS:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has ended
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
