using System.Diagnostics;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Packages;

/// <summary>The last commit, cloned with an address as a published repository has one, and packed for the first test that needs it.</summary>
public sealed class PackedRepository : IDisposable
{
    /// <summary>What the clone says it comes from; source link asks for one of the known hosts.</summary>
    public const string Address = "https://github.com/example/hqtrack";

    private static readonly string[] Projects = ["HqTrack", "HqTrack.Evaluation", "HqTrack.Training", "HqTrack.Cli"];

    private readonly TempFolder folder = new();
    private readonly Lazy<Task> packing; // fixtures are made in runs without explicit tests too
    private string? missing;

    public PackedRepository() => packing = new(PackAsync);

    /// <summary>The packed commit.</summary>
    public string Commit { get; private set; } = string.Empty;

    /// <summary>Folder of the packages.</summary>
    public string Packages => folder["packages"];

    /// <summary>A package's file.</summary>
    public string PathOf(string name, string extension = "nupkg") => Assert.Single(Directory.GetFiles(Packages, $"{name}.?.?.?.{extension}"));

    /// <summary>Packs where that was not done yet; skips the test where it cannot be.</summary>
    public async Task NeedAsync()
    {
        await packing.Value;
        Assert.SkipWhen(missing is not null, $"{missing}");
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Runs a program to its end.</summary>
    /// <returns>The exit code, and stdout and stderr one after the other.</returns>
    internal static async Task<(int Code, string Output)> RunAsync(string directory, string program, params string[] arguments) =>
        await RunAsync(directory, new Dictionary<string, string>(), program, arguments);

    internal static async Task<(int Code, string Output)> RunAsync(string directory, IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var run = await Hqtrack.FinishAsync(process);
        return (run.ExitCode, run.Out + run.Error);
    }

    private async Task PackAsync()
    {
        var (code, output) = await RunAsync(folder.Root, "git", "clone", "--quiet", Repository.Root, "clone");
        if (code != 0)
        {
            missing = $"the repository cannot be cloned: {output}";
            return;
        }

        Commit = (await RunAsync(folder["clone"], "git", "rev-parse", "HEAD")).Output.Trim();
        await RunAsync(folder["clone"], "git", "remote", "set-url", "origin", Address);
        foreach (var project in Projects)
        {
            (code, output) = await RunAsync(folder["clone"], "dotnet", "pack", "-c", "Release", "-o", Packages, $"src/{project}");
            Assert.True(code == 0, output);
        }
    }
}
