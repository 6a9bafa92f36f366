using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Runtime;
using HqTrack.Vmos;
using static TorchSharp.torch;

namespace HqTrack;

/// <summary>One video: objects are added in a frame, then followed frame by frame. Not thread-safe; sessions are independent.</summary>
public sealed class TrackingSession : IDisposable
{
    private readonly InferenceThread inference;
    private readonly VmosTracker vmos;
    private readonly MaskRefiner? refiner;
    private readonly bool remembersRefined;
    private (int Width, int Height)? frameSize;

    internal TrackingSession(InferenceThread inference, VmosTracker vmos, MaskRefiner? refiner = null, bool remembersRefined = false)
    {
        this.inference = inference;
        this.vmos = vmos;
        this.refiner = refiner;
        this.remembersRefined = remembersRefined;
    }

    /// <summary>Ids of the objects that are tracked.</summary>
    public IReadOnlyList<int> ObjectIds => [.. vmos.Ids.Order()];

    /// <summary>Time per stage: encoder, propagation, decoder, merge, remember; with a refiner also refine-encode, refine-decode, refine-merge.</summary>
    internal StageTimes Times { get; } = new();

    /// <summary>Adds objects; they are followed from the next <see cref="Track"/> on.</summary>
    /// <param name="frame">The frame the prompt was made for.</param>
    /// <param name="prompt">The objects, with ids that are not tracked yet.</param>
    /// <returns>The frame: masks of the new objects, as given or as predicted from boxes and points.</returns>
    /// <exception cref="MediaException">A mask has no object, another size, or ids that are tracked already; or the frame's size changed.</exception>
    /// <exception cref="PromptException">A box or point cannot be meant, finds nothing, or there is no refiner to ask.</exception>
    public TrackedFrame Add(Frame frame, Prompt prompt)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(prompt);
        var ids = PromptReader.Check(frame, prompt, vmos.Ids, hasRefiner: refiner is not null);
        CheckSize(frame);
        var labels = inference.Run(
            () =>
            {
                using var mode = inference_mode();
                var labels = PromptReader.Labels(frame, prompt, refiner);
                vmos.AddReference(frame, labels, ids, Times);
                return labels;
            },
            isInteractive: true);
        return new(frame.Index, labels, Describe(labels, ids, _ => 1, []));
    }

    /// <summary>Follows the objects into the next frame.</summary>
    /// <exception cref="MediaException">The frame's size differs from the first one's.</exception>
    /// <exception cref="InvalidOperationException">No object was added.</exception>
    public TrackedFrame Track(Frame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var ids = ObjectIds;
        if (ids.Count == 0)
        {
            throw new InvalidOperationException("no object is tracked; call Add with a mask before Track.");
        }

        CheckSize(frame);
        var (decoded, refined) = inference.Run(() =>
        {
            using var mode = inference_mode();
            if (refiner is null)
            {
                var plain = vmos.Track(frame, Times);
                return (plain, new RefinedFrame(plain.Labels, []));
            }

            RefinedFrame? refined = null;
            var decoded = vmos.Track(frame, Times, proposal =>
            {
                refined = refiner.Refine(frame, proposal.Labels, ids, proposal.Confidence, proposal.ProbabilityAt.Invoke, Times);
                return remembersRefined ? refined.Labels : proposal.Labels;
            });
            return (decoded, refined!);
        });
        return new(frame.Index, refined.Labels, Describe(refined.Labels, ids, decoded.Confidence, refined.Objects)) { Refinements = refined.Objects };
    }

    /// <summary>Forgets the video.</summary>
    public void Dispose() => inference.Run(() =>
    {
        refiner?.Dispose();
        vmos.Dispose();
    });

    private static TrackedObject[] Describe(LabelMap labels, IReadOnlyList<int> ids, Func<int, double> confidence, IReadOnlyList<ObjectRefinement> refinements)
    {
        var boxes = Box.Of(labels);
        var areas = new int[LabelMap.MaxId + 1];
        foreach (var id in labels.Ids)
        {
            areas[id]++;
        }

        var kept = refinements.Where(entry => entry.IsKept).Select(entry => entry.Id).ToHashSet();
        return [.. ids.Select(id => new TrackedObject(
            id, areas[id], boxes.TryGetValue(id, out var box) ? box : null, areas[id] == 0 ? 0 : confidence(id), kept.Contains(id)))];
    }

    private void CheckSize(Frame frame)
    {
        if (frameSize is not { } size)
        {
            frameSize = (frame.Width, frame.Height);
        }
        else if (size != (frame.Width, frame.Height))
        {
            throw new MediaException($"frame {frame.Index} is {frame.Width}x{frame.Height}, the frames before it {size.Width}x{size.Height}; track each size as a video of its own, or resize the frames first.");
        }
    }
}
