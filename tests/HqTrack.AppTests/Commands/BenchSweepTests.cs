using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

[Collection("torch")]
public sealed class BenchSweepTests(LiteWeights weights) : IClassFixture<LiteWeights>
{
    [Fact]
    public async Task Every_combination_is_a_run()
    {
        using var folder = new TempFolder();
        var run = await Hqtrack.RunAsync(
            "bench", "track", "-o", folder["out"], "--sizes", "96x64,128x64", "--object-counts", "1,30", "--frames", "10", "--memory-gap", "4", "--weights", weights.Path, "--threads", "1", "--quiet", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        var runs = run.Json.GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal([(96, 1), (96, 30), (128, 1), (128, 30)], runs.Select(entry => (entry.GetProperty("width").GetInt32(), entry.GetProperty("objects").GetInt32())));
        Assert.All(runs, entry => Assert.Equal((4, 1, 10), (entry.GetProperty("memory_gap").GetInt32(), entry.GetProperty("threads").GetInt32(), entry.GetProperty("tenth_ms").GetArrayLength())));
        Assert.All(runs, entry => Assert.True(entry.GetProperty("last_to_first_tenth").GetDouble() > 0));
        Assert.Equal(run.Json.ToString(), System.Text.Json.JsonDocument.Parse(File.ReadAllText(folder["out/bench.json"])).RootElement.ToString());
        Assert.Equal(6, File.ReadAllLines(folder["out/table.md"]).Length);
        foreach (var (chart, lines) in new[] { ("objects.svg", 2), ("length.svg", 4) })
        {
            var svg = System.Xml.Linq.XElement.Parse(File.ReadAllText(folder[$"out/{chart}"]));
            Assert.Equal(lines, svg.Descendants().Where(element => element.Name.LocalName == "text").Count(text => text.Value.Contains("x64, gap 4, 1 thread", StringComparison.Ordinal)));
        }

        Assert.Contains("Number of objects", File.ReadAllText(folder["out/report.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_and_its_single_value_do_not_go_together() =>
        (await Hqtrack.RunAsync("bench", "track", "--sizes", "96x64", "--size", "64x64")).AssertFails(ExitCode.Usage, "--sizes", "--size");

    [Fact]
    public async Task A_run_that_fails_is_named() =>
        (await Hqtrack.RunAsync("bench", "track", "--gaps", "0,5", "--quiet")).AssertFails(ExitCode.Failure, "--memory-gap 0", "at least 1");
}
