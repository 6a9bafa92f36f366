using System.Diagnostics;
using System.Text.Json;
using HqTrack.Cli;

namespace HqTrack.AppTests.Infrastructure;

/// <summary>Runs the command line, in this process or in one of its own.</summary>
internal static class Hqtrack
{
    /// <summary>Runs in this process: fast, and torch is loaded once.</summary>
    public static Task<RunResult> RunAsync(params string[] args) => RunAsync(args, interruption: null);

    /// <summary>Runs in this process and lets the test interrupt it.</summary>
    public static async Task<RunResult> RunAsync(string[] args, Interruption? interruption)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await CommandLine.RunAsync(args, new Terminal(output, error), interruption);
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Starts a process of its own, for what needs an environment or signals.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, params string[] args) => Start(environment, feedsInput: false, args);

    /// <summary>Likewise, with a stdin that the test writes to.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, bool feedsInput, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "HqTrack.Cli.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = feedsInput,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits for a process that <see cref="Start"/> started.</summary>
    public static async Task<RunResult> FinishAsync(Process process)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return new(process.ExitCode, await output, await error);
    }
}

/// <summary>What a run left.</summary>
internal sealed record RunResult(int ExitCode, string Out, string Error)
{
    /// <summary>stdout as the one JSON document it must be.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>Asserts success without a word on stderr.</summary>
    public void AssertSucceeds() => Assert.Equal((Cli.ExitCode.Ok, string.Empty), (ExitCode, Error));

    /// <summary>Asserts an exit code and exactly one line on stderr that contains all of <paramref name="parts"/>.</summary>
    public void AssertFails(int exitCode, params string[] parts)
    {
        Assert.True(exitCode == ExitCode, $"exit code {ExitCode}, expected {exitCode}; stderr: {Error}");
        var line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("hqtrack: ", line, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, line, StringComparison.Ordinal));
    }
}
