using System.Text.Json;
using HqTrack.Media;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Runs;

/// <summary>How a run ended.</summary>
/// <param name="State">done, stopped or failed.</param>
/// <param name="At">When.</param>
/// <param name="Frames">Frames written, over all attempts.</param>
/// <param name="Error">One line; null but for failed.</param>
internal sealed record RunEnd(string State, DateTimeOffset At, int Frames, string? Error)
{
    public const string Done = "done";
    public const string Stopped = "stopped";
    public const string Failed = "failed";

    /// <summary>Reads it; null while the run is not at its end.</summary>
    public static RunEnd? Read(RunPaths paths) =>
        File.Exists(paths.End) ? JsonSerializer.Deserialize<RunEnd>(File.ReadAllBytes(paths.End), Journal.Format) : null;

    /// <summary>Asks a run to end: its worker does so after the frame at hand; one that nobody works on yet ends here.</summary>
    public static void Ask(RunPaths paths, TimeProvider clock)
    {
        AtomicFile.Write(paths.Stop, []);
        if (!File.Exists(paths.Claim(1)))
        {
            new RunEnd(Stopped, clock.GetUtcNow(), 0, null).TryWrite(paths);
        }
    }

    /// <summary>Takes an end back, so that the run is gone on with. Whoever still works on it loses it, and what its workers did before no longer counts against it.</summary>
    /// <exception cref="MediaException">The folder cannot be written.</exception>
    public static void TakeBack(RunPaths paths, TimeProvider clock)
    {
        RunWriter.Claim(paths, new(Environment.MachineName, Environment.ProcessId, -1, clock.GetUtcNow())).Dispose();
        File.Delete(paths.Stop);
        File.Delete(paths.End);
    }

    /// <summary>Makes the end known; the first one to say it counts.</summary>
    /// <returns>Whether this one was the first.</returns>
    public bool TryWrite(RunPaths paths)
    {
        AtomicFile.CreateFolder(paths.Root);
        var temporary = $"{paths.End}.{Guid.NewGuid():N}";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(this, Journal.Format));
        try
        {
            File.Move(temporary, paths.End, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(paths.End))
        {
            File.Delete(temporary);
            return false;
        }
    }
}
