using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Cli.Doctor;

namespace HqTrack.AppTests.Commands;

[Collection("torch")]
public sealed class DoctorTests
{
    [Fact]
    public async Task A_machine_that_runs_these_tests_is_well()
    {
        var run = await Hqtrack.RunAsync("doctor", "--json");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.True(run.Json.GetProperty("ok").GetBoolean());
        Assert.True(run.Json.GetProperty("libtorch").GetProperty("loaded").GetBoolean());
        Assert.True(run.Json.GetProperty("system").GetProperty("cores").GetInt32() >= 1);
        Assert.True(run.Json.GetProperty("system").GetProperty("memory_mb").GetInt64() > 256);
        Assert.NotEmpty(run.Json.GetProperty("kernels").GetProperty("checks").EnumerateArray());
    }

    [Fact]
    public async Task The_text_report_names_the_same_things()
    {
        var run = await Hqtrack.RunAsync("doctor");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.All(["libtorch", "CPU", "memory", "CUDA", "ffmpeg", "models", "cache", "kernel"], label => Assert.Contains(label, run.Out, StringComparison.Ordinal));
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Without_libtorch_it_reports_and_returns_4()
    {
        using var folder = new Tests.Media.TempFolder();
        using var process = Hqtrack.Start(new Dictionary<string, string> { ["HQTRACK_LIBTORCH"] = folder.Root }, "doctor", "--json");
        var run = await Hqtrack.FinishAsync(process);
        run.AssertFails(ExitCode.NativeRuntime, folder.Root, "libtorch_cpu.so");
        Assert.False(run.Json.GetProperty("libtorch").GetProperty("loaded").GetBoolean());
        Assert.False(run.Json.GetProperty("ok").GetBoolean());
        Assert.NotEmpty(run.Json.GetProperty("models").EnumerateArray());
    }

    [Fact]
    public async Task A_libtorch_that_is_none_is_named_by_the_option_too()
    {
        using var folder = new Tests.Media.TempFolder();
        folder.Put("libtorch_cpu.so", "not a library"u8.ToArray());
        using var process = Hqtrack.Start(new Dictionary<string, string>(), "doctor", "--libtorch", folder.Root);
        (await Hqtrack.FinishAsync(process)).AssertFails(ExitCode.NativeRuntime, folder.Root);
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_a_problem_to_act_on()
    {
        using var folder = new Tests.Media.TempFolder();
        var file = folder.Put("file", []); // a file where the folder should be: holds for root too
        using var process = Hqtrack.Start(new Dictionary<string, string> { ["HQTRACK_CACHE"] = file }, "doctor", "--json");
        var run = await Hqtrack.FinishAsync(process);
        Assert.False(run.Json.GetProperty("cache").GetProperty("writable").GetBoolean());
        Assert.Contains("HQTRACK_CACHE", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-x64", "supported")]
    [InlineData("osx-arm64", "untested")]
    [InlineData("win-x64", "1567")]
    [InlineData("linux-arm64", "not supported")]
    public void Platforms_are_described_as_in_the_readme(string platform, string part) =>
        Assert.Contains(part, SystemFacts.SupportOf(platform), StringComparison.Ordinal);
}
