using System.ComponentModel;
using System.Diagnostics;
using HqTrack.Runtime;

namespace HqTrack.Cli.Doctor;

/// <summary>Programs and folders the tracker uses.</summary>
internal static class MachineChecks
{
    /// <summary>Looks for ffmpeg on the PATH and asks for its version.</summary>
    public static ProgramFacts FindFfmpeg()
    {
        var name = OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg";
        var path = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        return path is null ? new(false, null, null) : new(true, path, FirstLineOf(path, "-version"));
    }

    /// <summary>Writes and removes a file in the cache folder.</summary>
    public static CacheFacts TryCache()
    {
        var folder = UserCache.Root;
        try
        {
            Directory.CreateDirectory(folder);
            var probe = Path.Combine(folder, $".probe-{Guid.NewGuid():N}");
            File.WriteAllText(probe, "x");
            File.Delete(probe);
            return new(folder, true, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(folder, false, e.Message.ReplaceLineEndings(" "));
        }
    }

    private static string? FirstLineOf(string program, string argument)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, argument) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var line = process.StandardOutput.ReadLine();
            if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
            {
                process.Kill();
            }

            return line;
        }
        catch (Win32Exception)
        {
            return null; // there, but not to be run
        }
    }
}
