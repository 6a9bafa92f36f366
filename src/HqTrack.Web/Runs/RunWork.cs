using System.Diagnostics;
using System.Threading.Channels;
using HqTrack.Media;

namespace HqTrack.Web.Runs;

/// <summary>
/// One attempt at a run, in any process that has a site for it. It goes on where the last checkpoint was made; frames after it are tracked again and
/// come out the same.
/// </summary>
internal sealed class RunWork(IRunSite site, HqTracker tracker)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5); // between checkpoints: what a kill costs
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);
    private const int CostShare = 20;                                     // at most a twentieth of the time goes into checkpoints, unless a kill would cost more than the longest
    private const int Ahead = 4;                                          // frames decoded before they are tracked

    /// <summary>Works until the run is at its end.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, and the run can be gone on with; or it is somebody else's now.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var state = RunEnd.Done;
        string? error = null;
        try
        {
            var plan = site.Plan();
            var checkpoint = site.Checkpoint();
            foreach (var pass in plan.Passes.SkipWhile(pass => checkpoint is { } made && pass.Name != made.At.Pass))
            {
                if (!await PassAsync(plan, pass, checkpoint, cancellation).ConfigureAwait(false))
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

        await site.EndAsync(state, error, cancellation).ConfigureAwait(false);
    }

    // False where the run was stopped.
    private async Task<bool> PassAsync(RunPlan plan, RunPass pass, (RunCheckpoint At, string Session)? checkpoint, CancellationToken cancellation)
    {
        var (session, done) = await OpenAsync(plan, pass, checkpoint, cancellation).ConfigureAwait(false);
        using var own = session;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var decoded = Channel.CreateBounded<Frame>(Ahead);
        var decoding = Task.Run(() => DecodeAsync(pass.Frames.Skip(done), decoded.Writer, stop.Token), CancellationToken.None);
        var saved = Stopwatch.GetTimestamp();
        var interval = Shortest;
        int? last = null;
        try
        {
            await foreach (var frame in decoded.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                if (cancellation.IsCancellationRequested)
                {
                    break;
                }

                if (site.IsStopped)
                {
                    return false;
                }

                var isFirst = frame.Index == pass.Frames[0];
                var result = RunFollower.Follow(session, frame, isFirst ? plan.Start() : plan.Said(frame.Index));
                if (!isFirst || pass.WritesFirst)
                {
                    await site.WriteAsync(result).ConfigureAwait(false);
                }

                last = frame.Index;
                if (Stopwatch.GetElapsedTime(saved) > interval)
                {
                    var start = Stopwatch.GetTimestamp();
                    site.Save(new(pass.Name, frame.Index), session.Save);
                    saved = Stopwatch.GetTimestamp();
                    var wanted = Stopwatch.GetElapsedTime(start, saved) * CostShare;
                    interval = wanted < Shortest ? Shortest : wanted > Longest ? Longest : wanted;
                }
            }

            if (cancellation.IsCancellationRequested && last is { } reached)
            {
                site.Save(new(pass.Name, reached), session.Save);
            }

            cancellation.ThrowIfCancellationRequested();
            return true;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await decoding.ConfigureAwait(false);
        }
    }

    // What goes wrong reaches the reader after the frames before it; cancelled, it only ends.
    private async Task DecodeAsync(IEnumerable<int> indices, ChannelWriter<Frame> decoded, CancellationToken cancellation)
    {
        try
        {
            foreach (var index in indices)
            {
                await decoded.WriteAsync(await site.LoadAsync(index, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            }

            decoded.Complete();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            decoded.Complete();
        }
        catch (Exception e)
        {
            decoded.Complete(e);
        }
    }

    // The session, and how many frames of the pass it has seen.
    private async Task<(TrackingSession Session, int Done)> OpenAsync(RunPlan plan, RunPass pass, (RunCheckpoint At, string Session)? checkpoint, CancellationToken cancellation)
    {
        if (checkpoint is { } made)
        {
            try
            {
                return (tracker.ResumeSession(made.Session), pass.Frames.TakeWhile(frame => frame != made.At.Frame).Count() + 1);
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
                RunFollower.Follow(session, await site.LoadAsync(behind, cancellation).ConfigureAwait(false), plan.Said(behind));
            }

            return (session, 0);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
