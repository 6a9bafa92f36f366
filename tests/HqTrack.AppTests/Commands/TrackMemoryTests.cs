using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

/// <summary>--max-memory is kept, as the kernel counts the process's memory.</summary>
[Collection("torch")]
public sealed class TrackMemoryTests(LiteWeights weights) : IClassFixture<LiteWeights>
{
    [Fact]
    public async Task A_budget_is_kept_and_what_it_costs_is_said()
    {
        Assert.SkipUnless(File.Exists("/proc/self/clear_refs"), "the peak of a process is measured on Linux only");
        using var folder = new TempFolder();
        for (var i = 0; i < 40; i++)
        {
            ImageFile.WriteJpeg(folder[$"frames/{i:D5}.jpg"], SmallClip.Draw(i, out var labels, 960, 540));
            MaskFile.Write(folder["mask.png"], labels);
        }

        var large = await PeakAsync(folder, "large", "--end", "5");
        var small = await PeakAsync(folder, "small", "--max-size", "96");
        var budget = (int)((large.Peak + small.Peak) / 2);
        var kept = await PeakAsync(folder, "kept", "--max-memory", $"{budget}M");
        Assert.True(kept.Peak <= budget, $"{kept.Peak:0} MB of {budget}; {large.Peak:0} without a budget, {small.Peak:0} at the smallest size");
        Assert.Contains($"instead of 480 to stay within {budget} MB", kept.Error, StringComparison.Ordinal);
        var refused = await RunAsync(folder, "refused", "--max-memory", "20M");
        refused.AssertFails(ExitCode.Usage, "--max-memory 20M is too little");
        var endless = await RunAsync(folder, "endless", "--max-memory", "2G", "--memory-gap", "1", "--memory-bound", "501");
        endless.AssertFails(ExitCode.Usage, "remember 501 frames", "500 at most", "--memory-bound N");
    }

    private async Task<(double Peak, string Error)> PeakAsync(TempFolder folder, string output, params string[] more)
    {
        var run = await RunAsync(folder, output, more);
        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        return (run.Json.GetProperty("peak_memory_mb").GetDouble(), run.Error);
    }

    private async Task<RunResult> RunAsync(TempFolder folder, string output, params string[] more)
    {
        using var process = Hqtrack.Start(
            new Dictionary<string, string>(), ["track", folder["frames"], "--mask", folder["mask.png"], "-o", folder[output], "--weights", weights.Path, "--quiet", "--json", .. more]);
        return await Hqtrack.FinishAsync(process);
    }
}
