using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;

namespace HqTrack.AppTests.Commands;

[Collection("torch")]
public sealed class BenchTests(LiteWeights weights) : IClassFixture<LiteWeights>
{
    [Fact]
    public async Task It_measures_every_stage_and_leaves_nothing_behind()
    {
        var before = BenchFolders();
        var run = await Hqtrack.RunAsync(
            "bench", "track", "--model", "lite", "--size", "160x96", "--objects", "2", "--frames", "12", "--weights", weights.Path, "--threads", "1", "--quiet", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        Assert.Equal(12, run.Json.GetProperty("frames").GetInt32());
        Assert.Equal(2, run.Json.GetProperty("objects").GetInt32());
        var (median, slowest) = (run.Json.GetProperty("p50_ms").GetDouble(), run.Json.GetProperty("p99_ms").GetDouble());
        Assert.True(median > 0 && slowest >= median);
        Assert.True(run.Json.GetProperty("fps").GetDouble() > 0);
        Assert.True(run.Json.GetProperty("peak_memory_mb").GetDouble() > 50);
        var stages = run.Json.GetProperty("stages").EnumerateObject().ToDictionary(stage => stage.Name, stage => stage.Value.GetDouble());
        Assert.All(["decode", "encoder", "propagation", "decoder", "merge", "write"], stage => Assert.True(stages[stage] > 0, stage));
        Assert.Empty(BenchFolders().Except(before));
    }

    [Theory]
    [InlineData("--size", "640", "WIDTHxHEIGHT")]
    [InlineData("--size", "640x0", "WIDTHxHEIGHT")]
    [InlineData("--objects", "0", "1 to")]
    [InlineData("--frames", "two", "whole number")]
    public async Task Sizes_and_counts_are_checked(string option, string value, string expected) =>
        (await Hqtrack.RunAsync("bench", "track", option, value)).AssertFails(ExitCode.Usage, option, expected);

    private static string[] BenchFolders() => Directory.GetDirectories(Path.GetTempPath(), "hqtrack-bench-*");
}
