using System.Text.Json;
using HqTrack.Media;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Runs;

/// <summary>Writes what a run finds. It owns the run's newest claim; when another process takes the run over, nothing more is written.</summary>
internal sealed class RunWriter : IDisposable
{
    private readonly RunPaths paths;
    private readonly FileStream lines;
    private readonly int claim;

    private RunWriter(RunPaths paths, FileStream lines, int claim) => (this.paths, this.lines, this.claim) = (paths, lines, claim);

    /// <summary>Whether the run is not this process's any more: another has taken it over, or the project was deleted.</summary>
    public bool IsSuperseded => File.Exists(paths.Claim(claim + 1)) || !File.Exists(paths.Claim(claim));

    /// <summary>Whether a person asked the run to end.</summary>
    public bool IsStopped => File.Exists(paths.Stop);

    /// <summary>Takes a run over from whoever had it.</summary>
    /// <param name="paths">The run's.</param>
    /// <param name="by">Who takes it.</param>
    /// <exception cref="MediaException">Its folder cannot be written.</exception>
    public static RunWriter Claim(RunPaths paths, RunClaim by)
    {
        AtomicFile.CreateFolder(paths.Root);
        try
        {
            for (var claim = 1; ; claim++)
            {
                if (TryCreate(paths.Claim(claim), by))
                {
                    var lines = new FileStream(paths.Frames, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                    EndTornLine(lines);
                    return new(paths, lines, claim);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(paths.Root, e);
        }
    }

    /// <summary>Writes a frame: its mask, then the line that makes it count.</summary>
    /// <exception cref="MediaException">The disk refuses.</exception>
    /// <exception cref="OperationCanceledException">The run belongs to another process.</exception>
    public void Write(TrackedFrame frame) => Write(RunFrame.Of(frame), IndexedPng.Encode(frame.Labels));

    /// <summary>Likewise, with the mask as the bytes of its file.</summary>
    public void Write(RunFrame frame, byte[] mask)
    {
        ThrowIfSuperseded();
        AtomicFile.Write(paths.Mask(frame.Frame), mask);
        try
        {
            lines.Write([.. JsonSerializer.SerializeToUtf8Bytes(frame, Journal.Format), (byte)'\n']);
            lines.Flush();
        }
        catch (IOException e)
        {
            throw AtomicFile.Failure(paths.Frames, e);
        }
    }

    /// <summary>Refuses to go on with a run that belongs to another process.</summary>
    public void ThrowIfSuperseded()
    {
        if (IsSuperseded)
        {
            throw new OperationCanceledException("another process has taken the run over.");
        }
    }

    public void Dispose() => lines.Dispose();

    private static bool TryCreate(string path, RunClaim by)
    {
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            file.Write(JsonSerializer.SerializeToUtf8Bytes(by, Journal.Format));
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    private static void EndTornLine(FileStream lines)
    {
        if (lines.Length > 0)
        {
            lines.Position = lines.Length - 1;
            if (lines.ReadByte() != '\n')
            {
                lines.WriteByte((byte)'\n');
            }
        }

        lines.Position = lines.Length;
    }
}
