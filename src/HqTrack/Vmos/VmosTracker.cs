using System.Text.Json.Nodes;
using HqTrack.Media;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Vmos;

/// <summary>
/// Follows the objects of one video through one or more views of each frame (scales, mirrored or not), each with an engine of its
/// own; the label map comes from the mean of the views' probabilities and goes into every view's memory.
/// Every call belongs on the thread that owns the model, inside inference mode.
/// </summary>
/// <remarks>
/// Differs from the release, whose engines remember the mean of the views up to their own and, in the demo, do not mirror it back;
/// with one view there is no difference.
/// </remarks>
internal sealed class VmosTracker : IDisposable
{
    private readonly VmosNetwork network;
    private readonly Device device;
    private readonly (TestTimeView View, VmosEngine Engine)[] views;
    private readonly int shortSide;

    /// <param name="network">Weights; not owned.</param>
    /// <param name="config">Gap, bound, skip and resize rule.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="shortSide">Short side the network works at.</param>
    /// <param name="views">At least one; null shows the frame as it is.</param>
    public VmosTracker(
        VmosNetwork network, VmosConfig config, Device device, int shortSide = InputSize.DefaultShortSide, IReadOnlyList<TestTimeView>? views = null)
    {
        this.network = network;
        this.device = device;
        this.shortSide = shortSide;
        this.views = [.. (views ?? [TestTimeView.Plain]).Select(view => (view, new VmosEngine(network, config, device)))];
    }

    /// <summary>The user's ids that are tracked.</summary>
    public IEnumerable<int> Ids => views[0].Engine.Ids;

    /// <summary>Whether the network's stray parts are to be dropped.</summary>
    public bool DropsStrayParts => network.Config.DropsStrayParts;

    /// <summary>Starts tracking new objects from a frame whose labels are known.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="labels">Labels at the frame's size.</param>
    /// <param name="ids">Ids in <paramref name="labels"/> that are new; none may be tracked already.</param>
    /// <param name="times">Gets the time of the stage encoder.</param>
    public void AddReference(Frame frame, LabelMap labels, IReadOnlyList<int> ids, StageTimes times)
    {
        foreach (var (view, engine) in views)
        {
            var size = view.SizeOf(network.Config.Resize, frame, shortSide);
            using var features = Encode(frame, view, size, times);
            engine.AddReference(features, view.Apply(labels.Resize(size.Width, size.Height)), ids);
        }
    }

    /// <summary>Takes corrected labels of the frame tracked last: a reference frame that stays in the memory for ever.</summary>
    /// <param name="frame">That frame.</param>
    /// <param name="labels">Every tracked object at the frame's size, the corrected ones as they should be.</param>
    /// <param name="ids">Tracked ids that were corrected.</param>
    /// <param name="times">Gets the time of the stage encoder.</param>
    public void Correct(Frame frame, LabelMap labels, IReadOnlyCollection<int> ids, StageTimes times)
    {
        foreach (var (view, engine) in views)
        {
            var size = view.SizeOf(network.Config.Resize, frame, shortSide);
            using var features = Encode(frame, view, size, times);
            engine.Correct(features, view.Apply(labels.Resize(size.Width, size.Height)), ids);
        }
    }

    /// <summary>Stops tracking an object.</summary>
    public void Remove(int id)
    {
        foreach (var (_, engine) in views)
        {
            engine.Remove(id);
        }
    }

    /// <summary>Puts every view's memories into a saved session; between two frames.</summary>
    public JsonArray Save(Dictionary<string, Tensor> tensors) => [.. views.Select((view, i) => view.Engine.Save(tensors, $"view{i}"))];

    /// <summary>Takes over what <see cref="Save"/> gave, from a tracker with the same views.</summary>
    public void Restore(JsonArray state, IReadOnlyDictionary<string, Tensor> tensors)
    {
        for (var i = 0; i < views.Length; i++)
        {
            views[i].Engine.Restore(state[i]!.AsArray(), tensors, $"view{i}");
        }
    }

    /// <summary>Follows the objects into the next frame and remembers it.</summary>
    /// <param name="frame">The frame, of the same size as those before.</param>
    /// <param name="times">Gets the time of the stages encoder, propagation, decoder, merge, remember.</param>
    /// <param name="remembered">What to remember instead of the labels found; null remembers those.</param>
    public DecodedLabels Track(Frame frame, StageTimes times, Func<DecodedLabels, LabelMap>? remembered = null)
    {
        using var scope = NewDisposeScope();
        var sizes = new (int Width, int Height)[views.Length];
        var logits = new ViewLogits[views.Length];
        for (var i = 0; i < views.Length; i++)
        {
            var (view, engine) = views[i];
            sizes[i] = view.SizeOf(network.Config.Resize, frame, shortSide);
            logits[i] = new(engine.Propagate(Encode(frame, view, sizes[i], times), times), view.IsMirrored);
        }

        var decoded = times.Measure("merge", () => LabelDecoder.Decode(logits, frame.Width, frame.Height));
        var memory = remembered?.Invoke(decoded) ?? decoded.Labels;
        times.Measure("remember", () =>
        {
            for (var i = 0; i < views.Length; i++)
            {
                views[i].Engine.Remember(views[i].View.Apply(memory.Resize(sizes[i].Width, sizes[i].Height)));
            }

            return true;
        });
        return decoded;
    }

    public void Dispose()
    {
        foreach (var (_, engine) in views)
        {
            engine.Dispose();
        }
    }

    private ImageFeatures Encode(Frame frame, TestTimeView view, (int Width, int Height) size, StageTimes times) => times.Measure("encoder", () =>
    {
        using var image = ImageInput.From(frame, size.Width, size.Height, device, view.IsMirrored);
        return network.EncodeImage(image);
    });
}
