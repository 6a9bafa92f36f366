using System.Diagnostics;
using System.Threading.Channels;
using HqTrack.Media;
using HqTrack.Runtime;

namespace HqTrack;

/// <summary>
/// A video through a session: decoding, tracking and writing overlap, joined by bounded channels, so a slow stage holds back the
/// others instead of filling the memory. What was tracked before a failure is written before the failure is reported.
/// </summary>
internal sealed class TrackingPipeline
{
    private const int Decoded = 4;
    private const int Unwritten = 4;

    private readonly FrameSource source;
    private readonly TrackingSession session;
    private readonly IReadOnlyDictionary<int, Prompt> prompts;
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
        this.prompts = prompts;
    }

    /// <summary>Sinks that get every frame in order, on the writing thread; the caller disposes them.</summary>
    public IReadOnlyList<IFrameSink> Sinks { get; init; } = [];

    /// <summary>Called for every frame in order, after the sinks, on the writing thread.</summary>
    public Action<Frame, TrackedFrame>? Tracked { get; init; }

    /// <summary>Tracks the whole video. A pipeline runs once.</summary>
    /// <exception cref="MediaException">A frame cannot be read, or a result cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; frames that were tracked are written.</exception>
    public async Task<TrackingSummary> RunAsync(CancellationToken cancellationToken = default)
    {
        using var writingFailed = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, writingFailed.Token);
        var decoded = Channel.CreateBounded<Frame>(Decoded);
        var tracked = Channel.CreateBounded<(Frame, TrackedFrame)>(Unwritten);
        var start = Stopwatch.GetTimestamp();
        var decoding = Task.Run(() => DecodeAsync(decoded.Writer, stop.Token), CancellationToken.None);
        var writing = Task.Run(() => WriteAsync(tracked.Reader, writingFailed), CancellationToken.None);
        try
        {
            await foreach (var frame in decoded.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                // Cancelling ends the loop at the next frame; the one at hand is still handed over.
                await tracked.Writer.WriteAsync((frame, Follow(frame)), writingFailed.Token).ConfigureAwait(false);
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

        return new(latencies.Count, Stopwatch.GetElapsedTime(start), Stages(), latencies);
    }

    private TrackedFrame Follow(Frame frame)
    {
        var start = Stopwatch.GetTimestamp();
        var result = session.ObjectIds.Count > 0 ? session.Track(frame) : new(frame.Index, new(frame.Width, frame.Height), []);
        if (prompts.TryGetValue(frame.Index, out var prompt))
        {
            result = Join(result, session.Add(frame, prompt));
        }

        latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return result;
    }

    // New objects lie over the tracked ones.
    private static TrackedFrame Join(TrackedFrame tracked, TrackedFrame added)
    {
        if (tracked.Objects.Count == 0)
        {
            return added;
        }

        var labels = new LabelMap([.. tracked.Labels.Ids.Zip(added.Labels.Ids, (below, above) => above == 0 ? below : above)], tracked.Labels.Width, tracked.Labels.Height);
        var boxes = Box.Of(labels);
        var areas = labels.Ids.CountBy(id => id).ToDictionary(count => (int)count.Key, count => count.Value);
        return new(tracked.Index, labels, [.. tracked.Objects.Concat(added.Objects).OrderBy(entry => entry.Id).Select(entry => entry with
        {
            Area = areas.GetValueOrDefault(entry.Id),
            Box = boxes.TryGetValue(entry.Id, out var box) ? box : null,
            Confidence = areas.ContainsKey(entry.Id) ? entry.Confidence : 0,
        })]);
    }

    private async Task DecodeAsync(ChannelWriter<Frame> frames, CancellationToken cancellationToken)
    {
        try
        {
            using var enumerator = source.Read(cancellationToken).GetEnumerator();
            while (decodeTimes.Measure("decode", enumerator.MoveNext))
            {
                await frames.WriteAsync(enumerator.Current, cancellationToken).ConfigureAwait(false);
            }

            frames.Complete();
        }
        catch (Exception e)
        {
            frames.Complete(e); // reaches the tracking loop after the frames that were decoded
        }
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
