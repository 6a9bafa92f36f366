using System.Diagnostics;
using System.Threading.Channels;
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

    /// <summary>Called for every frame in order, after the sinks, on the writing thread.</summary>
    public Action<Frame, TrackedFrame>? Tracked { get; init; }

    /// <summary>The backward pass; needed where the plan has one.</summary>
    public BackwardPass? Backward { get; init; }

    /// <summary>Tracks the whole video. A pipeline runs once.</summary>
    /// <exception cref="MediaException">A frame cannot be read, or a result cannot be written.</exception>
    /// <exception cref="PromptException">A prompt is refused, or is for a frame that does not come.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; frames that were tracked are written.</exception>
    public async Task<TrackingSummary> RunAsync(CancellationToken cancellationToken = default)
    {
        var plan = makePlan();
        if (plan.Backward is { } backward)
        {
            await Task.Run(() => Backward!.Run(source, backward, cancellationToken), CancellationToken.None).ConfigureAwait(false);
        }

        using var writingFailed = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, writingFailed.Token);
        var decoded = Channel.CreateBounded<Frame>(Decoded);
        var tracked = Channel.CreateBounded<(Frame, TrackedFrame)>(Unwritten);
        var start = Stopwatch.GetTimestamp();
        var decoding = Task.Run(() => FrameQueue.FillAsync(source.Read(stop.Token), decoded.Writer, stop.Token, decodeTimes), CancellationToken.None);
        var writing = Task.Run(() => WriteAsync(tracked.Reader, writingFailed), CancellationToken.None);
        var waiting = new HashSet<int>(plan.Forward?.Actions.Keys ?? []);
        try
        {
            await foreach (var frame in decoded.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                // Cancelling ends the loop at the next frame; the one at hand is still handed over.
                await tracked.Writer.WriteAsync((frame, Follow(plan, frame)), writingFailed.Token).ConfigureAwait(false);
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
            tracked.Writer.Complete();
            await stop.CancelAsync().ConfigureAwait(false);
            await decoding.ConfigureAwait(false);
            await writing.ConfigureAwait(false); // where writing failed, its exception is the one to report
        }

        return waiting.Count == 0
            ? new(latencies.Count, Stopwatch.GetElapsedTime(start), Stages(), latencies)
            : throw new PromptException($"a prompt is for frame {waiting.Min()}, which is not among the {latencies.Count} frames of '{source.Name}'; give a frame that is tracked.");
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

    private async Task WriteAsync(ChannelReader<(Frame Frame, TrackedFrame Result)> results, CancellationTokenSource failed)
    {
        try
        {
            await foreach (var (frame, result) in results.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                writeTimes.Measure("write", () =>
                {
                    foreach (var sink in Sinks)
                    {
                        sink.Write(frame, result.Labels);
                    }

                    return true;
                });
                Tracked?.Invoke(frame, result);
            }
        }
        catch
        {
            await failed.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private Dictionary<string, TimeSpan> Stages() =>
        new(decodeTimes.Total.Concat(session.Times.Total).Concat(writeTimes.Total), StringComparer.Ordinal);
}
