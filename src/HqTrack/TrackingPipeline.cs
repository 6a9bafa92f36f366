using System.Diagnostics;
using System.Threading.Channels;
using HqTrack.Exports;
using HqTrack.Media;
using HqTrack.Runtime;

namespace HqTrack;

/// <summary>
/// A video through a session: decoding, tracking and writing overlap, joined by bounded channels, so a slow stage holds back the
/// others instead of filling the memory. What was tracked before a failure is written before the failure is reported.
/// A backward pass comes first and its results wait on disk, so that everything is written in the order of the frames.
/// </summary>
internal sealed class TrackingPipeline
{
    private const int Decoded = 4;
    private const int Unwritten = 4;
    private const int InHand = 5; // being decoded, tracked, remembered as the last, written, and drawn over for an export

    private readonly FrameSource source;
    private readonly TrackingSession session;
    private readonly Func<TrackingPlan> makePlan;
    private readonly StageTimes decodeTimes = new();    // one instance a thread
    private readonly StageTimes writeTimes = new();
    private readonly List<double> latencies = [];

    /// <summary>Joins a source to a session; neither is disposed here.</summary>
    /// <param name="source">The frames.</param>
    /// <param name="session">A session without objects, or one that already tracks this video's.</param>
    /// <param name="prompts">Objects to add, by the index of the frame they are pointed out in; frames before the first are background.</param>
    public TrackingPipeline(FrameSource source, TrackingSession session, IReadOnlyDictionary<int, Prompt> prompts)
    {
        this.source = source;
        this.session = session;
        makePlan = () => PromptTimeline.Of(prompts).Plan(TrackingDirection.Forward);
    }

    /// <summary>Joins a source to a session that follows a plan.</summary>
    public TrackingPipeline(FrameSource source, TrackingSession session, TrackingPlan plan)
    {
        this.source = source;
        this.session = session;
        makePlan = () => plan;
    }

    /// <summary>Sinks that get every frame in order, on the writing thread; the caller disposes them.</summary>
    public IReadOnlyList<IFrameSink> Sinks { get; init; } = [];

    /// <summary>Exports that get every frame after the sinks, likewise; the caller closes and disposes them.</summary>
    public IReadOnlyList<IExport> Exports { get; init; } = [];

    /// <summary>Saves the run every few seconds; null for never.</summary>
    public Checkpoints? Checkpoints { get; init; }

    /// <summary>The last frame of the run that this one goes on with; null for a new one.</summary>
    public int? ResumesAfter { get; init; }

    /// <summary>Called for every frame in order, after the sinks and exports, on the writing thread.</summary>
    public Action<Frame, TrackedFrame>? Tracked { get; init; }

    /// <summary>The backward pass; needed where the plan has one.</summary>
    public BackwardPass? Backward { get; init; }

    /// <summary>Most bytes of frames that a pipeline holds at once.</summary>
    public static long HeldBytes(FrameSource source, TrackingPlan plan) =>
        ((Decoded + Unwritten + InHand) * 3L * source.Width * source.Height) + (plan.Backward is null ? 0 : source.BackwardBytes);

    /// <summary>Tracks the whole video. A pipeline runs once.</summary>
    /// <exception cref="MediaException">A frame cannot be read, or a result cannot be written.</exception>
    /// <exception cref="PromptException">A prompt is refused, or is for a frame that does not come.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; frames that were tracked are written.</exception>
    public async Task<TrackingSummary> RunAsync(CancellationToken cancellationToken = default)
    {
        var plan = makePlan();
        if (plan.Backward is { } backward)
        {
            await Task.Run(() => Backward!.Track(source, backward, cancellationToken), CancellationToken.None).ConfigureAwait(false);
        }

        using var writingFailed = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, writingFailed.Token);
        var decoded = Channel.CreateBounded<Frame>(Decoded);
        var tracked = Channel.CreateBounded<Result>(Unwritten);
        var start = Stopwatch.GetTimestamp();
        var frames = ResumesAfter is { } done ? source.ReadFrom(done + 1, stop.Token) : source.Read(stop.Token);
        var decoding = Task.Run(() => FrameQueue.FillAsync(frames, decoded.Writer, stop.Token, decodeTimes), CancellationToken.None);
        var writing = Task.Run(() => WriteAsync(tracked.Reader, writingFailed), CancellationToken.None);
        var waiting = new HashSet<int>(plan.Forward?.Actions.Keys.Where(frame => !(frame <= ResumesAfter)) ?? []);
        int? last = null;
        try
        {
            await foreach (var frame in decoded.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                // Cancelling ends the loop at the next frame; the one at hand is still handed over.
                var result = Follow(plan, frame);
                last = frame.Index;
                var saved = Checkpoints is { IsDue: true } due ? due.SaveSession(frame.Index) : null;
                await tracked.Writer.WriteAsync(new(frame, result, saved), writingFailed.Token).ConfigureAwait(false);
                waiting.Remove(frame.Index);
            }
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
        finally
        {
            if (last is { } end && !writingFailed.IsCancellationRequested && SaveAtTheEnd(end) is { } saved)
            {
                await tracked.Writer.WriteAsync(new(null, null, saved) { Index = end }, CancellationToken.None).ConfigureAwait(false);
            }

            tracked.Writer.Complete();
            await stop.CancelAsync().ConfigureAwait(false);
            await decoding.ConfigureAwait(false);
            await writing.ConfigureAwait(false); // where writing failed, its exception is the one to report
        }

        return waiting.Count == 0
            ? new(latencies.Count, Stopwatch.GetElapsedTime(start), Stages(), latencies)
            : throw new PromptException($"a prompt is for frame {waiting.Min()}, which is not among the {latencies.Count} frames of '{source.Name}'; give a frame that is tracked.");
    }

    // However it ended, it can go on from here; where that cannot be saved the checkpoint before counts, and what ended the run is what is reported.
    private string? SaveAtTheEnd(int frame)
    {
        try
        {
            return Checkpoints?.SaveSession(frame);
        }
        catch (Exception e) when (e is MediaException or System.Runtime.InteropServices.ExternalException)
        {
            return null;
        }
    }

    private TrackedFrame Follow(TrackingPlan plan, Frame frame)
    {
        var start = Stopwatch.GetTimestamp();
        var result = plan.Forward?.Follow(session, frame) ?? session.FollowOrPass(frame);
        if (frame.Index <= plan.Backward?.Start)
        {
            result = FrameMerge.Passes(result, Backward!.Read(frame));
        }

        latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return result;
    }

    private async Task WriteAsync(ChannelReader<Result> results, CancellationTokenSource failed)
    {
        try
        {
            await foreach (var item in results.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                if (item is { Frame: { } frame, Tracked: { } result })
                {
                    writeTimes.Measure("write", () => Write(frame, result));
                    Tracked?.Invoke(frame, result);
                }

                if (item.Session is { } saved)
                {
                    Checkpoints!.Commit(item.Frame?.Index ?? item.Index, saved);
                }
            }
        }
        catch
        {
            await failed.CancelAsync().ConfigureAwait(false);
            while (results.TryRead(out _)) // nobody waits for room any more
            {
            }

            throw;
        }
    }

    private bool Write(Frame frame, TrackedFrame result)
    {
        foreach (var sink in Sinks)
        {
            sink.Write(frame, result.Labels);
        }

        foreach (var export in Exports)
        {
            export.Write(frame, result);
        }

        return true;
    }

    private Dictionary<string, TimeSpan> Stages() =>
        new(decodeTimes.Total.Concat(session.Times.Total).Concat(writeTimes.Total), StringComparer.Ordinal);

    // A frame and its result, or neither at the end; with the session as it was saved after it.
    private readonly record struct Result(Frame? Frame, TrackedFrame? Tracked, string? Session)
    {
        public int Index { get; init; }
    }
}
