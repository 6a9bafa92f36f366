using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using HqTrack.Media;
using HqTrack.Media.Video;

namespace HqTrack.Web.Ingest;

/// <summary>What a child process may use.</summary>
/// <param name="Time">Processor time, and twice that on the clock.</param>
/// <param name="Memory">Bytes of address space.</param>
internal sealed record ProcessBounds(TimeSpan Time, long Memory);

/// <summary>Runs a program with bounds that the kernel holds (ulimit), where there is a shell to set them.</summary>
internal static class BoundedProcess
{
    /// <summary>Runs it to its end.</summary>
    /// <returns>The exit code, stdout, and the last line of stderr.</returns>
    /// <exception cref="MediaException">The program is not here.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the program was killed.</exception>
    public static (int ExitCode, string Output, string Error) Run(string program, IReadOnlyList<string> arguments, ProcessBounds bounds, CancellationToken cancellation)
    {
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(program, arguments)
            : new ProcessStartInfo("/bin/sh",
                ["-c", "ulimit -t \"$1\" 2>/dev/null; ulimit -v \"$2\" 2>/dev/null; shift 2; exec \"$@\"", "sh", Text((long)bounds.Time.TotalSeconds), Text(bounds.Memory >> 10), program, .. arguments]);
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardInput = true;
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            using var late = new CancellationTokenSource(bounds.Time * 2);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
            using var kill = stop.Token.Register(() => process.Kill(entireProcessTree: true));
            var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            return late.IsCancellationRequested ? (1, string.Empty, "it takes too long") : process.ExitCode switch
            {
                127 => throw Missing(program, null),
                var code => (code, output, FfmpegProgram.LastLine(error.Result)),
            };
        }
        catch (Win32Exception e)
        {
            throw Missing(program, e);
        }
    }

    private static MediaException Missing(string program, Exception? e)
    {
        var message = $"videos need the program {Path.GetFileName(program)}, which is not found; install ffmpeg on the server, or upload images.";
        return e is null ? new(message) : new(message, e);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
