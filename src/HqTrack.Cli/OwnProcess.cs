using System.Diagnostics;

namespace HqTrack.Cli;

/// <summary>Runs this program again in a process of its own.</summary>
internal static class OwnProcess
{
    /// <summary>Runs to the end and returns stdout without its line end.</summary>
    /// <param name="args">Arguments.</param>
    /// <param name="cancellationToken">Ends the process.</param>
    /// <exception cref="InvalidOperationException">It failed; the message is what it wrote to stderr.</exception>
    public static async Task<string> RunAsync(IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(OwnProcess).Assembly.Location, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("the program cannot be started again.");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return process.ExitCode == ExitCode.Ok
                ? (await output.ConfigureAwait(false)).TrimEnd()
                : throw new InvalidOperationException($"a process of its own ended with exit code {process.ExitCode}: {(await error.ConfigureAwait(false)).Trim()}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
