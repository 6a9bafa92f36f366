using System.Diagnostics;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

[Collection("torch")]
public sealed class TrackTests(LiteWeights weights) : IClassFixture<LiteWeights>
{
    [Fact]
    public async Task Every_frame_gets_a_mask_and_an_overlay()
    {
        using var folder = new TempFolder();
        var clip = SmallClip.Write(folder, 5);
        var run = await TrackAsync(clip, folder["out"], "--export", "masks,overlay", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        Assert.Equal(5, run.Json.GetProperty("frames").GetInt32());
        Assert.Equal(2, run.Json.GetProperty("objects").GetInt32());
        Assert.True(run.Json.GetProperty("fps").GetDouble() > 0);
        Assert.Equal(2, run.Json.GetProperty("per_object").GetArrayLength());
        for (var i = 0; i < 5; i++)
        {
            var mask = MaskFile.Read(folder[$"out/masks/{i:D5}.png"], SmallClip.Width, SmallClip.Height, allowEmpty: true);
            Assert.Empty(mask.ObjectIds().Except([1, 2]));
            Assert.Equal(SmallClip.Width, ImageFile.Read(folder[$"out/overlay/{i:D5}.jpg"]).Width);
        }

        Assert.Equal(MaskFile.Read(clip.Mask).Ids, MaskFile.Read(folder["out/masks/00000.png"]).Ids);
        Assert.Equal(10, Directory.GetFiles(folder["out"], "*", SearchOption.AllDirectories).Length); // and nothing temporary
    }

    [Fact]
    public async Task Masks_alone_are_the_default_and_the_text_says_where_they_are()
    {
        using var folder = new TempFolder();
        var run = await TrackAsync(SmallClip.Write(folder, 2), folder["out"]);
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains(folder["out/masks"], run.Out, StringComparison.Ordinal);
        Assert.Equal(["masks"], Directory.GetFileSystemEntries(folder["out"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task An_interrupted_run_returns_130_and_leaves_whole_masks()
    {
        using var folder = new TempFolder();
        var clip = SmallClip.Write(folder, 40);
        using var interruption = new Interruption();
        var watch = InterruptAtAsync(folder["out/masks/00002.png"], interruption);
        var run = await Hqtrack.RunAsync([.. Arguments(clip, folder["out"])], interruption);
        await watch;
        run.AssertFails(ExitCode.Interrupted, "interrupted");
        AssertWholeMasks(folder["out/masks"], 3, 40);
    }

    [Theory]
    [InlineData("-TERM", ExitCode.Terminated)]
    [InlineData("-INT", ExitCode.Interrupted)]
    public async Task A_signal_lets_the_frame_finish(string signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "POSIX signals");
        using var folder = new TempFolder();
        var clip = SmallClip.Write(folder, 1500); // so many that it is at work still when the signal comes
        using var process = Hqtrack.Start(new Dictionary<string, string>(), [.. Arguments(clip, folder["out"])]);
        var finished = Hqtrack.FinishAsync(process);
        await WaitForAsync(folder["out/masks/00002.png"]);
        using (var kill = Process.Start("kill", [signal, $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        (await finished).AssertFails(exitCode, "interrupted");
        AssertWholeMasks(folder["out/masks"], 3, 1500);
    }

    private Task<RunResult> TrackAsync(SmallClip clip, string output, params string[] more) => Hqtrack.RunAsync([.. Arguments(clip, output), .. more]);

    private string[] Arguments(SmallClip clip, string output) =>
        ["track", clip.Frames, "--mask", clip.Mask, "-o", output, "--weights", weights.Path, "--threads", "1", "--quiet"];

    private static void AssertWholeMasks(string folder, int atLeast, int lessThan)
    {
        var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToList();
        Assert.InRange(files.Count, atLeast, lessThan - 1);
        Assert.Equal(Enumerable.Range(0, files.Count).Select(i => $"{i:D5}.png"), files.Select(Path.GetFileName)); // no gap, nothing temporary
        Assert.All(files, file => MaskFile.Read(file, SmallClip.Width, SmallClip.Height, allowEmpty: true));
    }

    private static async Task InterruptAtAsync(string file, Interruption interruption)
    {
        await WaitForAsync(file);
        interruption.Interrupt(ExitCode.Interrupted);
    }

    private static async Task WaitForAsync(string file)
    {
        while (!File.Exists(file))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
