using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Vmos;
using static TorchSharp.torch;

namespace HqTrack;

/// <summary>One video: objects are added in a frame, then followed frame by frame. Not thread-safe; sessions are independent.</summary>
public sealed class TrackingSession : IDisposable
{
    private readonly InferenceThread inference;
    private readonly VmosTracker vmos;
    private (int Width, int Height)? frameSize;

    internal TrackingSession(InferenceThread inference, VmosTracker vmos)
    {
        this.inference = inference;
        this.vmos = vmos;
    }

    /// <summary>Ids of the objects that are tracked.</summary>
    public IReadOnlyList<int> ObjectIds => [.. vmos.Ids.Order()];

    /// <summary>Time per stage: encoder, propagation, decoder, merge, remember.</summary>
    internal StageTimes Times { get; } = new();

    /// <summary>Adds objects; they are followed from the next <see cref="Track"/> on.</summary>
    /// <param name="frame">The frame the prompt was made for.</param>
    /// <param name="prompt">The objects, with ids that are not tracked yet.</param>
    /// <returns>The frame as given: masks of the new objects.</returns>
    /// <exception cref="MediaException">The mask has no object, another size, or ids that are tracked already; or the frame's size changed.</exception>
    public TrackedFrame Add(Frame frame, Prompt prompt)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(prompt);
        var labels = ((Prompt.MaskPrompt)prompt).Labels;
        if (labels.Width != frame.Width || labels.Height != frame.Height)
        {
            throw new MediaException($"the mask is {labels.Width}x{labels.Height}, the frame is {frame.Width}x{frame.Height}; draw the mask on the frame's own size.");
        }

        var ids = labels.ObjectIds();
        if (ids.Count == 0)
        {
            throw new MediaException("the mask has no object: every pixel is 0; expected the index of an object (1, 2, ...) on its pixels.");
        }

        if (ids.Intersect(vmos.Ids).FirstOrDefault() is > 0 and var taken)
        {
            throw new MediaException($"object {taken} is tracked already; give a new object an id of its own.");
        }

        CheckSize(frame);
        inference.Run(
            () =>
            {
                using var mode = inference_mode();
                vmos.AddReference(frame, labels, ids, Times);
            },
            isInteractive: true);
        return new(frame.Index, labels, Describe(labels, ids, _ => 1));
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
        var decoded = inference.Run(() =>
        {
            using var mode = inference_mode();
            return vmos.Track(frame, Times);
        });
        return new(frame.Index, decoded.Labels, Describe(decoded.Labels, ids, decoded.Confidence));
    }

    /// <summary>Forgets the video.</summary>
    public void Dispose() => inference.Run(vmos.Dispose);

    private static TrackedObject[] Describe(LabelMap labels, IReadOnlyList<int> ids, Func<int, double> confidence)
    {
        var boxes = Box.Of(labels);
        var areas = new int[LabelMap.MaxId + 1];
        foreach (var id in labels.Ids)
        {
            areas[id]++;
        }

        return [.. ids.Select(id => new TrackedObject(
            id, areas[id], boxes.TryGetValue(id, out var box) ? box : null, areas[id] == 0 ? 0 : confidence(id), RefinerKept: false))];
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
