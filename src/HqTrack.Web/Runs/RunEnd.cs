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
