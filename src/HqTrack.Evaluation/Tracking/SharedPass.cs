using System.Runtime.ExceptionServices;
using HqTrack.Evaluation.Experiments;
using HqTrack.Media;

namespace HqTrack.Evaluation.Tracking;

/// <summary>
/// One pass of a tracker over a dataset for several experiments, each of which sees its own version of every frame
/// (<see cref="TrackedFrame.Alternatives"/>). Each goes its way through the dataset as if it were alone; when all that still run wait for a video, the first of
/// those videos is tracked, once for all who wait for it. So experiments that have a part from an earlier run fall in with the others again.
/// </summary>
internal sealed class SharedPass : IDisposable
{
    private readonly IVideoTracker tracker;
    private readonly CancellationTokenSource stop;
    private readonly Lock gate = new();
    private readonly List<Request> waiting = [];
    private int running;

    private SharedPass(IVideoTracker tracker, int members, CancellationToken cancellationToken)
    {
        this.tracker = tracker;
        running = members;
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>Runs the experiments.</summary>
    /// <param name="tracker">Tracks; its frames have an alternative for every member, or none where all see the same.</param>
    /// <param name="members">Experiments on the same videos, each with the index of its alternative.</param>
    /// <param name="progress">Told after each frame.</param>
    /// <param name="cancellationToken">Ends the run between two frames; what was written stays valid.</param>
    /// <returns>The results in the order of the members.</returns>
    /// <exception cref="EvaluationException">The dataset does not fit.</exception>
    /// <exception cref="MediaException">A frame cannot be read or a result not written.</exception>
    public static async Task<IReadOnlyList<ExperimentResult>> RunAsync(
        IVideoTracker tracker, IReadOnlyList<(IExperiment Experiment, int Alternative)> members, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        using var pass = new SharedPass(tracker, members.Count, cancellationToken);
        return await Task.WhenAll(members.Select((member, i) => Task.Run(() => pass.RunAsync(member.Experiment, member.Alternative, i == 0 ? progress : null), CancellationToken.None))).ConfigureAwait(false);
    }

    public void Dispose() => stop.Dispose();

    private async Task<ExperimentResult> RunAsync(IExperiment experiment, int alternative, IProgress<EvaluationProgress>? progress)
    {
        try
        {
            return await experiment.TrackAsync(new Member(this, alternative), progress, stop.Token).ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false); // one that fails ends the others
            throw;
        }
        finally
        {
            lock (gate)
            {
                running--;
                StartIfAllWait();
            }
        }
    }

    private async Task<TrackingSummary> TrackAsync(VideoTask video, int alternative)
    {
        var request = new Request(video, alternative, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (gate)
        {
            waiting.Add(request);
            StartIfAllWait();
        }

        return await (await request.Run.Task.ConfigureAwait(false)).ConfigureAwait(false);
    }

    private void StartIfAllWait()
    {
        if (waiting.Count == 0 || waiting.Count < running)
        {
            return;
        }

        var first = waiting.Min(request => request.Video.Index);
        Request[] requests = [.. waiting.Where(request => request.Video.Index == first)];
        waiting.RemoveAll(requests.Contains);
        var video = requests[0].Video with { Sinks = [], Tracked = (frame, result) => HandOver(requests, frame, result) };
        var run = Task.Run(() => tracker.TrackAsync(video, stop.Token), CancellationToken.None);
        foreach (var request in requests)
        {
            request.Run.SetResult(run);
        }
    }

    private static void HandOver(Request[] requests, Frame frame, TrackedFrame result)
    {
        try
        {
            Parallel.ForEach(requests, request =>
            {
                var own = result.Alternatives.Count == 0 ? result : result.Alternatives[request.Alternative];
                foreach (var sink in request.Video.Sinks)
                {
                    sink.Write(frame, own.Labels);
                }

                request.Video.Tracked(frame, own);
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private sealed record Request(VideoTask Video, int Alternative, TaskCompletionSource<Task<TrackingSummary>> Run);

    private sealed class Member(SharedPass pass, int alternative) : IVideoTracker
    {
        public Task<TrackingSummary> TrackAsync(VideoTask video, CancellationToken cancellationToken) => pass.TrackAsync(video, alternative);
    }
}
