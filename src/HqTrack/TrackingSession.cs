using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Runtime;
using HqTrack.Vmos;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using static TorchSharp.torch;

namespace HqTrack;

/// <summary>
/// One video: objects are added in any frame, followed frame by frame, corrected and removed on the way. Sessions are independent.
/// All work happens on the tracker's inference thread, so prompts may come from other threads while frames are tracked; they go ahead of
/// frames that wait, of this session and of others.
/// </summary>
public sealed class TrackingSession : IDisposable
{
    private const int Ahead = 4; // frames decoded before they are asked for

    private readonly InferenceThread inference;
    private readonly VmosTracker vmos;
    private readonly MaskRefiner? refiner;
    private readonly SessionState state;
    private readonly FrameStep step;
    private readonly ILogger logger;

    internal TrackingSession(InferenceThread inference, VmosTracker vmos, MaskRefiner? refiner = null, SessionState? state = null, HqTrackerOptions? options = null, ILogger? logger = null)
    {
        this.inference = inference;
        this.vmos = vmos;
        this.refiner = refiner;
        this.state = state ?? new SessionState(string.Empty);
        this.logger = logger ?? NullLogger.Instance;
        step = new(vmos, refiner, this.state, Times, this.logger) { RemembersRefined = options?.RememberRefined ?? false, Degrade = options?.Degrade };
    }

    /// <summary>Ids of the objects that are tracked, ascending. An id stays its object's: it is not used again after <see cref="Remove"/>.</summary>
    public IReadOnlyList<int> ObjectIds { get; private set; } = [];

    /// <summary>Index of the frame tracked or prompted last; null before the first.</summary>
    public int? LastFrame => state.Last?.Frame.Index;

    /// <summary>Time per stage: encoder, propagation, decoder, merge, remember; with a refiner also refine-encode, refine-decode, refine-merge.</summary>
    internal StageTimes Times { get; } = new();

    /// <summary>Adds objects, before the first frame or later; they are followed from the next <see cref="Track"/> on. Objects tracked already are not disturbed.</summary>
    /// <param name="frame">The frame the prompt was made for.</param>
    /// <param name="prompt">The objects, with ids that were not used before.</param>
    /// <returns>The frame: masks of the new objects, as given or as predicted from boxes and points.</returns>
    /// <exception cref="MediaException">A mask has no object, another size, or ids that are tracked already; or the frame's size changed.</exception>
    /// <exception cref="PromptException">A box or point cannot be meant, finds nothing, or there is no refiner to ask; or an id belongs to an object that was removed.</exception>
    public TrackedFrame Add(Frame frame, Prompt prompt)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(prompt);
        using var activity = Prompting(frame.Index);
        var (labels, ids) = OnThread(() =>
        {
            var ids = PromptReader.Check(frame, prompt, vmos.Ids, hasRefiner: refiner is not null);
            state.CheckUnused(ids);
            state.CheckSize(frame);
            var labels = PromptReader.Labels(frame, prompt, refiner);
            vmos.AddReference(frame, labels, ids, Times);
            state.Add(frame, labels);
            return (labels, ids);
        });
        Told(frame.Index, ids, "added");
        return TrackedFrame.Of(frame, labels, ids, _ => 1, []);
    }

    /// <summary>
    /// Corrects objects in the frame tracked last. That frame becomes a reference of theirs: it stays in the memory for ever.
    /// Corrected masks lie over the other objects.
    /// </summary>
    /// <param name="prompt">Tracked objects as they should be in that frame.</param>
    /// <returns>The frame with all objects, the corrected ones as given or as predicted from boxes and points.</returns>
    /// <exception cref="InvalidOperationException">No frame was tracked yet.</exception>
    /// <exception cref="MediaException">A mask has no object or another size.</exception>
    /// <exception cref="PromptException">An object is not tracked, or a box or point cannot be meant, finds nothing, or there is no refiner to ask.</exception>
    public TrackedFrame Correct(Prompt prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return Correct(frame =>
        {
            var ids = PromptReader.Check(frame, prompt, [], hasRefiner: refiner is not null);
            return (PromptReader.Labels(frame, prompt, refiner), ids);
        });
    }

    /// <summary>Corrects one object in the frame tracked last by its pixels; none at all says that it is not to be seen there.</summary>
    /// <param name="id">A tracked object.</param>
    /// <param name="mask">Of the frame's size; every pixel but 0 belongs to the object.</param>
    /// <returns>The frame with all objects.</returns>
    /// <exception cref="InvalidOperationException">No frame was tracked yet.</exception>
    /// <exception cref="MediaException">The mask has another size.</exception>
    /// <exception cref="PromptException">The object is not tracked.</exception>
    public TrackedFrame Correct(int id, LabelMap mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return Correct(frame =>
        {
            PromptReader.CheckSize(frame, mask);
            return (new LabelMap([.. mask.Ids.Select(pixel => pixel == 0 ? (byte)0 : (byte)id)], mask.Width, mask.Height), [id]);
        });
    }

    /// <summary>Stops tracking an object. Its id is not used again.</summary>
    /// <exception cref="PromptException">It is not tracked, or was removed before.</exception>
    public void Remove(int id)
    {
        using var activity = Prompting(LastFrame ?? 0);
        OnThread(() =>
        {
            state.CheckTracked([id], vmos.Ids);
            vmos.Remove(id);
            state.Remove(id);
            return true;
        });
        Told(LastFrame ?? 0, [id], "removed");
    }

    /// <summary>Locks a frame: whenever it is tracked, the objects of the mask that are tracked then have exactly these pixels, and are remembered so.</summary>
    /// <param name="index">The frame's index.</param>
    /// <param name="labels">Masks at the frame's size; 0 says nothing.</param>
    /// <exception cref="MediaException">The mask has another size than the frames.</exception>
    public void Lock(int index, LabelMap labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        OnThread(() =>
        {
            state.Lock(index, labels);
            return true;
        });
    }

    /// <summary>Follows the objects into the next frame.</summary>
    /// <exception cref="MediaException">The frame's size differs from the first one's.</exception>
    /// <exception cref="InvalidOperationException">No object is tracked.</exception>
    public TrackedFrame Track(Frame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var (ids, last, refined, compared) = OnThread(() => step.Follow(frame), isInteractive: false);
        TrackedFrame Shown(LabelMap labels, IReadOnlyList<ObjectRefinement> refinements) => TrackedFrame.Of(frame, labels, ids, last.ConfidenceOf, refinements);
        var alternatives = compared.Distinct().ToDictionary(entry => entry, entry => Shown(state.WithLocks(frame.Index, entry.Labels, ids), entry.Objects));
        return Shown(last.Shown, refined?.Objects ?? []) with { Alternatives = [.. compared.Select(entry => alternatives[entry])] };
    }

    /// <summary>
    /// Tracks a whole video, decoding a few frames ahead. A frame is tracked when it is asked for, so a slow consumer holds back the
    /// source, and prompts given between two frames hold from the next one on. Frames without objects come out empty.
    /// </summary>
    /// <param name="source">The frames.</param>
    /// <param name="cancellationToken">Ends the enumeration between two frames.</param>
    /// <exception cref="MediaException">A frame cannot be read; those before it have come out.</exception>
    public async IAsyncEnumerable<TrackedFrame> TrackAsync(FrameSource source, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var decoded = Channel.CreateBounded<Frame>(Ahead);
        var decoding = Task.Run(() => FrameQueue.FillAsync(source.Read(stop.Token), decoded.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var result in TrackAsync(decoded.Reader.ReadAllAsync(stop.Token), cancellationToken).ConfigureAwait(false))
            {
                yield return result;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await decoding.ConfigureAwait(false);
        }
    }

    /// <summary>Tracks frames as they come, each when its result is asked for.</summary>
    /// <param name="frames">The frames, in order.</param>
    /// <param name="cancellationToken">Ends the enumeration between two frames.</param>
    public async IAsyncEnumerable<TrackedFrame> TrackAsync(IAsyncEnumerable<Frame> frames, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frames);
        await foreach (var frame in frames.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested(); // frames that were decoded before stay where they are

            // Off the caller's thread: a frame of a large model takes seconds.
            var result = await Task.Run(() => FollowOrPass(frame), CancellationToken.None).ConfigureAwait(false);
            yield return result with { Image = frame };
        }
    }

    /// <summary>Saves everything the session remembers, so that <see cref="HqTracker.ResumeSession"/> goes on with the same results to the bit.</summary>
    /// <param name="path">File to write, whole or not at all.</param>
    /// <exception cref="MediaException">It cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        OnThread(() =>
        {
            using var scope = NewDisposeScope();
            state.Save(path, vmos, refiner?.Frames ?? 0);
            return true;
        });
    }

    /// <summary>Forgets the video.</summary>
    public void Dispose() => inference.Run(() =>
    {
        refiner?.Dispose();
        vmos.Dispose();
    });

    /// <summary>The frame with its objects; empty while there are none.</summary>
    internal TrackedFrame FollowOrPass(Frame frame) =>
        ObjectIds.Count > 0 ? Track(frame) : new(frame.Index, new(frame.Width, frame.Height), []) { Timestamp = frame.Timestamp };

    /// <summary>Takes over a saved session; this one must be new.</summary>
    internal void Restore(string path) => OnThread(() =>
    {
        using var scope = NewDisposeScope();
        var frames = state.Restore(path, vmos);
        if (refiner is not null)
        {
            refiner.Frames = frames;
        }

        return true;
    });

    private TrackedFrame Correct(Func<Frame, (LabelMap Labels, IReadOnlyList<int> Ids)> read)
    {
        using var activity = Prompting(LastFrame ?? 0);
        var (corrected, ids) = OnThread(() =>
        {
            var last = state.Last ?? throw new InvalidOperationException("no frame was tracked yet; call Track, then correct its result.");
            var (labels, corrections) = read(last.Frame);
            state.CheckTracked(corrections, vmos.Ids);
            var corrected = state.Correct(last, labels, corrections);
            vmos.Correct(corrected.Frame, corrected.Remembered, corrections, Times);
            Told(corrected.Frame.Index, corrections, "corrected");
            return (corrected, vmos.Ids.Order().ToList());
        });
        return TrackedFrame.Of(corrected.Frame, corrected.Shown, ids, corrected.ConfidenceOf, []);
    }

    private static Activity? Prompting(int frame) => Telemetry.Activities.StartActivity("hqtrack.prompt")?.SetTag("hqtrack.frame", frame);

    private void Told(int frame, IReadOnlyList<int> ids, string what)
    {
        Telemetry.Prompts.Add(ids.Count);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            logger.Prompted(frame, string.Join(", ", ids), what);
        }
    }

    private T OnThread<T>(Func<T> work, bool isInteractive = true) => inference.Run(
        () =>
        {
            using var mode = inference_mode();
            try
            {
                return work();
            }
            finally
            {
                ObjectIds = [.. vmos.Ids.Order()];
            }
        },
        isInteractive);
}
