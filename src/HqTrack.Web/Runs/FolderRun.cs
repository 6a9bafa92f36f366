using System.Text.Json;
using HqTrack.Media;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Runs;

/// <summary>An attempt at a run in its project's folder. It holds the run's newest claim; once another process has taken the run over it writes nothing more.</summary>
internal sealed class FolderRun : IRunSite, IDisposable
{
    private readonly ProjectFolder folder;
    private readonly int run;
    private readonly RunPaths paths;
    private readonly RunResults results;
    private readonly RunWriter writer;
    private readonly TimeProvider clock;
    private ProjectFrames? frames;

    private FolderRun(ProjectFolder folder, int run, RunResults results, RunWriter writer, TimeProvider clock) =>
        (this.folder, this.run, paths, this.results, this.writer, this.clock) = (folder, run, results.Paths(run), results, writer, clock);

    /// <summary>Whether another process has taken the run over, or the project was deleted.</summary>
    public bool IsSuperseded => writer.IsSuperseded;

    public bool IsStopped => writer.IsStopped;

    /// <summary>What the project's runs have written.</summary>
    public RunResults Results => results;

    /// <summary>Takes a run over from whoever had it.</summary>
    /// <param name="folder">The project's.</param>
    /// <param name="run">The run's number.</param>
    /// <param name="machine">Name of the machine that will work on it.</param>
    /// <param name="process">Id of the process there.</param>
    /// <param name="clock">Says when.</param>
    /// <returns>Null where the run is at its end.</returns>
    /// <exception cref="MediaException">The folder cannot be written.</exception>
    public static FolderRun? Claim(ProjectFolder folder, int run, string machine, int process, TimeProvider clock)
    {
        var results = new RunResults(folder);
        var paths = results.Paths(run);
        return RunEnd.Read(paths) is null
            ? new(folder, run, results, RunWriter.Claim(paths, new(machine, process, results.Count(run), clock.GetUtcNow())), clock)
            : null;
    }

    public RunPlan Plan()
    {
        RunClaim.CheckProgress(paths);
        return RunPlan.Read(folder, results, run);
    }

    public Task<Frame> LoadAsync(int index, CancellationToken cancellation)
    {
        frames ??= new(folder, RunPlan.Read(folder, results, run).State);
        return Task.FromResult(frames.Load(index));
    }

    public (RunCheckpoint At, string Session)? Checkpoint() =>
        File.Exists(paths.Checkpoint) && JsonSerializer.Deserialize<RunCheckpoint>(File.ReadAllBytes(paths.Checkpoint), Journal.Format) is { } at ? (at, paths.Session(at.Session)) : null;

    public ValueTask WriteAsync(TrackedFrame frame)
    {
        writer.Write(frame);
        return ValueTask.CompletedTask;
    }

    /// <summary>Keeps a frame's result that comes as a file.</summary>
    /// <exception cref="MediaException">The disk refuses.</exception>
    /// <exception cref="OperationCanceledException">The run is somebody else's now.</exception>
    public void Write(RunFrame frame, byte[] mask) => writer.Write(frame, mask);

    public void Save(RunCheckpoint at, Action<string> save)
    {
        writer.ThrowIfSuperseded();
        save(paths.Session(at.Session));
        AtomicFile.Write(paths.Checkpoint, JsonSerializer.SerializeToUtf8Bytes(at, Journal.Format));
        foreach (var old in Sessions().Where(file => Path.GetFileName(file) != at.Session))
        {
            File.Delete(old);
        }
    }

    public Task EndAsync(string state, string? error, CancellationToken cancellation)
    {
        writer.ThrowIfSuperseded();
        new RunEnd(state, clock.GetUtcNow(), results.Count(run), error).TryWrite(paths);
        foreach (var session in Sessions().Append(paths.Checkpoint))
        {
            File.Delete(session);
        }

        return Task.CompletedTask;
    }

    public void Dispose() => writer.Dispose();

    private string[] Sessions() => Directory.GetFiles(paths.Root, "session-*");
}
