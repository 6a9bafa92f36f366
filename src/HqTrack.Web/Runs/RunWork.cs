using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using HqTrack.Media;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Runs;

/// <summary>Where a run can be gone on with.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="Frame">The frame after which the session was saved.</param>
/// <param name="Session">Name of the saved session's file.</param>
internal sealed record RunCheckpoint(string Pass, int Frame, string Session);

/// <summary>
/// One attempt at a run, in any process that sees the project's folder. It goes on where the last checkpoint was made; frames after it are tracked
/// again and come out the same. Ends by itself when another process takes the run over.
/// </summary>
internal sealed class RunWork(ProjectFolder folder, int run, HqTracker tracker, TimeProvider clock)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5); // between checkpoints: what a kill costs
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);
    private const int CostShare = 20;                                     // at most a twentieth of the time goes into checkpoints, unless a kill would cost more than the longest
    private const int Ahead = 4;                                          // frames decoded before they are tracked

    private readonly RunPaths paths = new(folder.Run(run));
    private readonly RunResults results = new(folder);

    /// <summary>Works until the run is at its end, or another process has taken it over.</summary>
    /// <returns>Whether it is at its end.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the run can be gone on with.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        if (RunEnd.Read(paths) is not null)
        {
            return true;
        }

        var claim = new RunClaim(Environment.MachineName, Environment.ProcessId, results.Count(run), clock.GetUtcNow());
        using var writer = RunWriter.Claim(paths, claim);
        try
        {
            await RunAsync(writer, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (writer.IsSuperseded && !cancellation.IsCancellationRequested)
        {
            return false; // whoever has it does the rest
        }
    }

    private async Task RunAsync(RunWriter writer, CancellationToken cancellation)
    {
        var state = RunEnd.Done;
        string? error = null;
        try
        {
            RunClaim.CheckProgress(paths);
            var plan = RunPlan.Read(folder, results, run);
            var checkpoint = ReadCheckpoint();
            foreach (var pass in plan.Passes.SkipWhile(pass => checkpoint is not null && pass.Name != checkpoint.Pass))
            {
                if (!await PassAsync(plan, pass, checkpoint, writer, cancellation).ConfigureAwait(false))
                {
                    state = RunEnd.Stopped;
                    break;
                }

                checkpoint = null;
            }
        }
        catch (Exception e) when (e is MediaException or PromptException)
        {
            (state, error) = (RunEnd.Failed, e.Message);
        }

        writer.ThrowIfSuperseded();
        new RunEnd(state, clock.GetUtcNow(), results.Count(run), error).TryWrite(paths);
        foreach (var session in Directory.GetFiles(paths.Root, "session-*").Append(paths.Checkpoint))
        {
            File.Delete(session);
        }
    }

    // False where the run was stopped.
    private async Task<bool> PassAsync(RunPlan plan, RunPass pass, RunCheckpoint? checkpoint, RunWriter writer, CancellationToken cancellation)
    {
        var frames = new ProjectFrames(folder, plan.State);
        var (session, done) = Open(plan, pass, checkpoint, frames);
        using var own = session;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var decoded = Channel.CreateBounded<Frame>(Ahead);
        var decoding = Task.Run(() => FrameQueue.FillAsync(frames.Read(pass.Frames.Skip(done)), decoded.Writer, stop.Token), CancellationToken.None);
        var saved = Stopwatch.GetTimestamp();
        var interval = Shortest;
        try
        {
            await foreach (var frame in decoded.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                if (writer.IsStopped)
                {
                    return false;
                }

                var isFirst = frame.Index == pass.Frames[0];
                var result = RunFollower.Follow(session, frame, isFirst ? plan.Start() : plan.Said(frame.Index));
                if (!isFirst || pass.WritesFirst)
                {
                    writer.Write(result);
                }

                if (Stopwatch.GetElapsedTime(saved) > interval || cancellation.IsCancellationRequested)
                {
                    var start = Stopwatch.GetTimestamp();
                    Save(session, pass, frame.Index, writer);
                    saved = Stopwatch.GetTimestamp();
                    var wanted = Stopwatch.GetElapsedTime(start, saved) * CostShare;
                    interval = wanted < Shortest ? Shortest : wanted > Longest ? Longest : wanted;
                }

                cancellation.ThrowIfCancellationRequested();
            }

            return true;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await decoding.ConfigureAwait(false);
        }
    }

    // The session, and how many frames of the pass it has seen.
    private (TrackingSession Session, int Done) Open(RunPlan plan, RunPass pass, RunCheckpoint? checkpoint, ProjectFrames frames)
    {
        if (checkpoint is not null)
        {
            try
            {
                return (tracker.ResumeSession(paths.Session(checkpoint.Session)), pass.Frames.TakeWhile(frame => frame != checkpoint.Frame).Count() + 1);
            }
            catch (MediaException)
            {
                // Saved by another model: the pass starts anew.
            }
        }

        var session = tracker.StartSession();
        try
        {
            foreach (var (frame, labels) in plan.Locks())
            {
                session.Lock(frame, labels);
            }

            foreach (var behind in plan.Behind(pass))
            {
                RunFollower.Follow(session, frames.Load(behind), plan.Said(behind));
            }

            return (session, 0);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private RunCheckpoint? ReadCheckpoint() =>
        File.Exists(paths.Checkpoint) ? JsonSerializer.Deserialize<RunCheckpoint>(File.ReadAllBytes(paths.Checkpoint), Journal.Format) : null;

    private void Save(TrackingSession session, RunPass pass, int frame, RunWriter writer)
    {
        writer.ThrowIfSuperseded();
        var name = string.Create(CultureInfo.InvariantCulture, $"session-{pass.Name}-{frame}");
        session.Save(paths.Session(name));
        AtomicFile.Write(paths.Checkpoint, JsonSerializer.SerializeToUtf8Bytes(new RunCheckpoint(pass.Name, frame, name), Journal.Format));
        foreach (var old in Directory.GetFiles(paths.Root, "session-*").Where(file => Path.GetFileName(file) != name))
        {
            File.Delete(old);
        }
    }
}
