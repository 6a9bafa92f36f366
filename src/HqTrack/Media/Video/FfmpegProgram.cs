using System.ComponentModel;
using System.Diagnostics;

namespace HqTrack.Media.Video;

/// <summary>The programs ffmpeg and ffprobe of this machine. They get local files and pipes only: nothing is fetched from a network.</summary>
internal static class FfmpegProgram
{
    /// <summary>Environment variable that names another ffmpeg; ffprobe is looked for beside it.</summary>
    public const string Variable = "HQTRACK_FFMPEG";

    /// <summary>Starts ffmpeg.</summary>
    /// <param name="arguments">What it is to do.</param>
    /// <param name="why">What messages say it is needed for: a path or an export.</param>
    /// <param name="feedsInput">Whether its stdin is written to.</param>
    /// <exception cref="MediaException">It is not here.</exception>
    public static Process Start(IEnumerable<string> arguments, string why, bool feedsInput = false) =>
        Start(Program, ["-hide_banner", "-nostats", .. feedsInput ? Array.Empty<string>() : ["-nostdin"], .. arguments], why, feedsInput);

    /// <summary>Runs ffprobe to its end.</summary>
    /// <returns>stdout, and the last line of stderr.</returns>
    /// <exception cref="MediaException">It is not here.</exception>
    public static (int ExitCode, string Output, string Error) Probe(IEnumerable<string> arguments, string why)
    {
        using var process = Start(ProbeProgram, arguments, why, feedsInput: false);
        var error = OwnThread.Run(process.StandardError.ReadToEnd);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, LastLine(error.Result));
    }

    /// <summary>Whether ffmpeg can be started.</summary>
    public static bool IsHere()
    {
        try
        {
            using var process = Start(["-version"], "a look");
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (MediaException)
        {
            return false;
        }
    }

    /// <summary>What <see cref="LastLine"/> gives where nothing was said.</summary>
    public const string NoMessage = "no message";

    /// <summary>The last line that says something.</summary>
    public static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? NoMessage;

    /// <summary>Path or name of ffmpeg.</summary>
    public static string Program => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : "ffmpeg";

    /// <summary>Path or name of ffprobe.</summary>
    public static string ProbeProgram => Path.GetFileName(Program) == Program ? "ffprobe" : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(Program))!, "ffprobe");

    private static Process Start(string program, IEnumerable<string> arguments, string why, bool feedsInput)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = feedsInput };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new MediaException(
                $"{why} needs the program {Path.GetFileName(program)}, which is not found ('{program}'); install ffmpeg 5.1 or newer (apt install ffmpeg, brew install ffmpeg), or name it in {Variable}.", e);
        }
    }
}
