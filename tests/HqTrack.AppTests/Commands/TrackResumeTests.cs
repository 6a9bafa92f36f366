using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Exports;
using HqTrack.Media;
using HqTrack.Media.Video;
using HqTrack.Tests.Media;
using HqTrack.Web.Exporting;

namespace HqTrack.AppTests.Commands;

/// <summary>Runs that stop midway and are taken up by the same command.</summary>
[Collection("torch")]
public sealed class TrackResumeTests(LiteWeights weights) : IClassFixture<LiteWeights>, IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("forward")]
    [InlineData("both")]
    public async Task An_interrupted_run_goes_on_and_gives_the_same_bytes(string direction)
    {
        var clip = Clip(40);
        (await RunAsync(clip, "whole", direction)).AssertSucceeds();
        using (var interruption = new Interruption())
        {
            var watch = InterruptAtAsync(direction == "both" ? folder["parts/.hqtrack/backward/00005.png"] : folder["parts/masks/00004.png"], interruption);
            (await RunAsync(clip, "parts", direction, interruption)).AssertFails(ExitCode.Interrupted, "interrupted");
            await watch;
        }

        Assert.True(Directory.Exists(folder["parts/.hqtrack"]));
        (await RunAsync(clip, "parts", direction)).AssertSucceeds();
        AssertSame("whole", "parts");
    }

    [Fact]
    public async Task What_an_interruption_leaves_can_be_read()
    {
        var clip = Clip(40);
        using var interruption = new Interruption();
        var watch = InterruptAtAsync(folder["out/masks/00004.png"], interruption);
        await RunAsync(clip, "out", "forward", interruption);
        await watch;
        var masks = Directory.GetFiles(folder["out/masks"]).Length;
        Assert.InRange(masks, 5, 39);
        Assert.Equal(masks, CocoExport.Read(folder["out/coco.json"]).Count);
        Assert.Equal(masks, CvatExport.Read(folder["out/cvat.xml"]).Count);
        Assert.Equal(masks, LabelStudioExport.Read(folder["out/labelstudio.json"]).Count);
        if (FfmpegProgram.IsHere())
        {
            Assert.Equal(masks, FrameSource.Open(folder["out/overlay.mp4"]).Count);
        }
    }

    [Fact]
    public async Task Another_command_is_refused_with_the_difference_named()
    {
        var clip = Clip(40);
        using (var interruption = new Interruption())
        {
            var watch = InterruptAtAsync(folder["out/masks/00004.png"], interruption);
            await RunAsync(clip, "out", "forward", interruption);
            await watch;
        }

        (await RunAsync(clip, "out", "both")).AssertFails(ExitCode.Failure, "unfinished run with prompts Forward", "this one has Both", "--no-resume");
        (await RunAsync(clip, "out", "forward", null, "--max-size", "64")).AssertFails(ExitCode.Failure, "size 480", "size 64");
        var (frame, bytes) = (Path.Combine(clip.Frames, "00039.jpg"), File.ReadAllBytes(Path.Combine(clip.Frames, "00039.jpg")));
        File.WriteAllBytes(frame, [.. bytes, 0]);
        (await RunAsync(clip, "out", "forward")).AssertFails(ExitCode.Failure, "unfinished run with video", "with the files");
        File.WriteAllBytes(frame, bytes);
        var others = File.ReadAllBytes(weights.Path);
        others[^1] ^= 1;
        var file = folder.Put("others.safetensors", others);
        (await Hqtrack.RunAsync([.. Arguments(clip, "out", "forward").Select(argument => argument == weights.Path ? file : argument)])).AssertFails(ExitCode.Failure, "unfinished run with model", "weights ");
        Assert.True(File.Exists(folder["out/masks/00004.png"]));
        (await RunAsync(clip, "out", "both", null, "--no-resume")).AssertSucceeds();
        Assert.False(Directory.Exists(folder["out/.hqtrack"]));
    }

    [Fact]
    public async Task A_run_that_is_killed_again_and_again() => await KillAsync(kills: 3, frames: 250, seed: 1);

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task Thirty_kills_at_random_moments() => await KillAsync(kills: 30, frames: 2600, seed: 2);

    private async Task KillAsync(int kills, int frames, int seed)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "SIGKILL");
        var clip = Clip(frames);
        (await RunAsync(clip, "whole", "forward")).AssertSucceeds();
        var random = new Random(seed);
        var progress = new List<int>();
        for (var i = 0; i < kills; i++)
        {
            using var process = Hqtrack.Start(new Dictionary<string, string>(), Arguments(clip, "parts", "forward"));
            var finished = Hqtrack.FinishAsync(process);
            if (i % 3 > 0)
            {
                // However slow the machine is, two kills of three come while it tracks; the others whenever.
                while (!process.HasExited && Masks() <= progress.LastOrDefault())
                {
                    await Task.Delay(5, TestContext.Current.CancellationToken);
                }
            }

            await Task.WhenAny(finished, Task.Delay(i % 3 > 0 ? random.Next(0, 800) : random.Next(700, 4000), TestContext.Current.CancellationToken));
            Assert.False(process.HasExited, $"the run ended before kill {i + 1}; take more frames");
            process.Kill(); // SIGKILL
            await finished;
            progress.Add(Masks());
        }

        (await RunAsync(clip, "parts", "forward")).AssertSucceeds();
        AssertSame("whole", "parts");
        TestContext.Current.TestOutputHelper?.WriteLine($"masks on disk at each kill: {string.Join(' ', progress)}");

        int Masks() => Directory.Exists(folder["parts/masks"]) ? Directory.GetFiles(folder["parts/masks"], "?????.png").Length : 0;
    }

    private SmallClip Clip(int frames) => SmallClip.Write(folder, frames, loop: 30);

    private Task<RunResult> RunAsync(SmallClip clip, string output, string direction, Interruption? interruption = null, params string[] more) =>
        Hqtrack.RunAsync([.. Arguments(clip, output, direction), .. more], interruption);

    private string[] Arguments(SmallClip clip, string output, string direction) =>
    [
        "track", clip.Frames, "--mask", direction == "both" ? $"{clip.Mask}@30" : clip.Mask, "--direction", direction, "-o", folder[output], "--weights", weights.Path, "--threads", "1", "--quiet",
        "--export", string.Join(',', ExportFormats.All.Select(kind => kind.Name)), "--events", Path.Combine(folder.Root, $"{output}-events.jsonl"),
    ];

    // Every file has the same bytes; of the video, whose coding depends on where segments end, the frames are counted.
    private void AssertSame(string expected, string actual)
    {
        string[] Files(string name) => [.. Directory.GetFiles(folder[name], "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder[name], file)).Order(StringComparer.Ordinal)];
        Assert.Equal(Files(expected), Files(actual)); // nothing temporary is left
        foreach (var file in Files(expected))
        {
            if (file == "overlay.mp4")
            {
                Assert.Equal(FrameSource.Open(Path.Combine(folder[expected], file)).Count, FrameSource.Open(Path.Combine(folder[actual], file)).Count);
                continue;
            }

            Assert.True(File.ReadAllBytes(Path.Combine(folder[expected], file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(folder[actual], file))), file);
        }

        Assert.Equal(File.ReadAllText(folder[$"{expected}-events.jsonl"]), File.ReadAllText(folder[$"{actual}-events.jsonl"]));
    }

    private static async Task InterruptAtAsync(string file, Interruption interruption)
    {
        while (!File.Exists(file))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        interruption.Interrupt(ExitCode.Interrupted);
    }
}
