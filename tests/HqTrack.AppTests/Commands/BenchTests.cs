using System.Globalization;
using System.Text.Json;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Tests.Media;

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

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_told_before_the_work()
    {
        using var folder = new TempFolder();
        folder.Put("file", [1]);
        foreach (var command in (string[][])[["bench", "track", "--weights", "none"], ["ablate", "gap", "--root", folder.Root, "--weights", "none"]])
        {
            (await Hqtrack.RunAsync([.. command, "-o", folder["file/out"], "--quiet"])).AssertFails(ExitCode.Failure, "file/out", "folder");
        }
    }

    [Fact]
    public async Task Kernels_are_compared_with_what_they_stand_for()
    {
        var run = await Hqtrack.RunAsync("bench", "kernels", "--size", "81x65", "--repeats", "1", "--threads", "1", "--no-memory", "--quiet", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        foreach (var (kernel, shapes) in new[] { ("dcnv3", 4), ("local_attention", 4), ("attention", 2), ("inverted_bottleneck", 3) })
        {
            var report = run.Json.GetProperty(kernel);
            Assert.True(report.GetProperty("speedup").GetDouble() > 0);
            Assert.Equal(shapes, report.GetProperty("shapes").GetArrayLength());
            foreach (var shape in report.GetProperty("shapes").EnumerateArray())
            {
                Assert.All(["ms", "reference_ms", "speedup", "gflops"], key => Assert.True(shape.GetProperty(key).GetDouble() > 0, key));
                Assert.InRange(shape.GetProperty("max_difference").GetDouble(), 0, 1e-3);
                Assert.Equal(JsonValueKind.Null, shape.GetProperty("extra_memory_ratio").ValueKind);
            }
        }
    }

    [Fact]
    public async Task A_refiner_is_compared_with_its_products_alone()
    {
        var run = await Hqtrack.RunAsync("bench", "refiner", "--size", "160x96", "--repeat", "1", "--threads", "1", "--quiet", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        Assert.Equal("sam-lite", run.Json.GetProperty("refiner").GetString());
        Assert.All(
            ["encoder_ms", "floor_ms", "floor_gflop", "ratio", "decoder_ms_1", "decoder_ms_10", "ten_over_one", "peak_memory_mb"],
            key => Assert.True(run.Json.GetProperty(key).GetDouble() > 0, key));
    }

    [Fact]
    public async Task Memory_of_a_kernel_is_measured_in_a_process_of_its_own()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone counts a process's peak");
        const string LocalAttention = "6"; // lite 1/16
        var cancellation = TestContext.Current.CancellationToken;
        async Task<double> MegabytesAsync(params string[] more) => double.Parse(
            await OwnProcess.RunAsync(["bench", "kernels", "--size", "161x161", "--threads", "1", "--probe-memory", LocalAttention, .. more], cancellation),
            CultureInfo.InvariantCulture);
        double own = await MegabytesAsync(), reference = await MegabytesAsync("--probe-reference");
        var unfolded = 11 * 11 * 15 * 15 * 556 * sizeof(float) / (double)(1 << 20); // values, once for each position of the window
        Assert.InRange(reference, unfolded, 4 * unfolded);
        Assert.InRange(own, 0, 0.1 * reference);
    }

    [Theory]
    [InlineData("--model", "lite", "hqtrack")]
    [InlineData("--memory", "0", "1 to 64")]
    [InlineData("--objects", "11", "1 to 10")]
    public async Task Options_of_the_frame_benchmark_are_checked(string option, string value, string expected) =>
        (await Hqtrack.RunAsync("bench", "frame", option, value)).AssertFails(ExitCode.Usage, option, expected);

    private static string[] BenchFolders() => Directory.GetDirectories(Path.GetTempPath(), "hqtrack-bench-*");
}
