using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using HqTrack.Media;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack;

/// <summary>The frame a session saw last.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Shown">The result.</param>
/// <param name="Remembered">What the segmenter remembered of it; differs from the result where a refiner sharpened that.</param>
/// <param name="Confidence">Of each object; 1 where it is not in the list, as for given masks.</param>
internal sealed record LastFrame(Frame Frame, LabelMap Shown, LabelMap Remembered, IReadOnlyDictionary<int, double> Confidence)
{
    /// <summary>An object's confidence.</summary>
    public double ConfidenceOf(int id) => Confidence.GetValueOrDefault(id, 1);
}

/// <summary>What a session knows besides the segmenter's memories, and its form on disk. Used on the inference thread only.</summary>
/// <param name="fingerprint">The model and every option that its results depend on; a saved session goes on with the same one only.</param>
internal sealed class SessionState(string fingerprint)
{
    private const string Key = "hqtrack.session";

    private readonly SortedSet<int> removed = [];
    private readonly Dictionary<int, LabelMap> locks = [];
    private (int Width, int Height)? frameSize;

    /// <summary>The newest frame; null before the first.</summary>
    public LastFrame? Last { get; set; }

    /// <summary>Refuses ids of removed objects.</summary>
    public void CheckUnused(IReadOnlyList<int> ids)
    {
        if (ids.FirstOrDefault(removed.Contains) is > 0 and var used)
        {
            throw new PromptException($"object {used} was removed, and ids are not used again; give the new object an id of its own.");
        }
    }

    /// <summary>Refuses ids that are not tracked.</summary>
    public void CheckTracked(IReadOnlyList<int> ids, IEnumerable<int> tracked)
    {
        if (ids.Except(tracked).Cast<int?>().FirstOrDefault() is { } unknown)
        {
            throw new PromptException(removed.Contains(unknown)
                ? $"object {unknown} was removed already; its id is not used again."
                : $"object {unknown} is not tracked; expected {(tracked.Any() ? $"one of {string.Join(", ", tracked.Order())}" : "an object")}, or add it first.");
        }
    }

    /// <summary>Refuses a frame of another size than the first.</summary>
    public void CheckSize(Frame frame)
    {
        if ((frameSize ??= (frame.Width, frame.Height)) is var size && size != (frame.Width, frame.Height))
        {
            throw new MediaException($"frame {frame.Index} is {frame.Width}x{frame.Height}, the frames before it {size.Width}x{size.Height}; track each size as a video of its own, or resize the frames first.");
        }
    }

    /// <summary>New objects in a frame, which may be the last one or another.</summary>
    public void Add(Frame frame, LabelMap labels) => Last = Last is { } last && last.Frame.Index == frame.Index && last.Shown.Ids.Length == labels.Ids.Length
        ? new(frame, LabelMerge.Over(last.Shown, labels), LabelMerge.Over(last.Remembered, labels), last.Confidence)
        : new(frame, labels, labels, new Dictionary<int, double>());

    /// <summary>Objects of the last frame were corrected.</summary>
    public LastFrame Correct(LastFrame last, LabelMap labels, IReadOnlyCollection<int> ids)
    {
        var remembered = LabelMerge.Replace(last.Remembered, labels, ids);
        var shown = ReferenceEquals(last.Shown, last.Remembered) ? remembered : LabelMerge.Replace(last.Shown, labels, ids);
        return Last = new(last.Frame, shown, remembered, last.Confidence.Where(entry => !ids.Contains(entry.Key)).ToDictionary());
    }

    /// <summary>An object is gone, from the last frame too.</summary>
    public void Remove(int id)
    {
        removed.Add(id);
        if (Last is { } last)
        {
            var none = new LabelMap(last.Shown.Width, last.Shown.Height);
            Last = last with { Shown = LabelMerge.Replace(last.Shown, none, [id]), Remembered = LabelMerge.Replace(last.Remembered, none, [id]) };
        }
    }

    /// <summary>Locks masks in a frame, beside those locked there before.</summary>
    /// <exception cref="MediaException">The mask has another size than the frames.</exception>
    public void Lock(int index, LabelMap labels)
    {
        var size = frameSize ??= (labels.Width, labels.Height);
        if (size != (labels.Width, labels.Height))
        {
            throw new MediaException($"the mask to lock in frame {index} is {labels.Width}x{labels.Height}, the frames {size.Width}x{size.Height}; give a mask of their size.");
        }

        lock (locks)
        {
            locks[index] = locks.TryGetValue(index, out var before) ? LabelMerge.Replace(before, labels, labels.ObjectIds()) : labels;
        }
    }

    /// <summary>Whether a frame's mask of an object is locked; from any thread.</summary>
    public bool IsLocked(int index, int id)
    {
        lock (locks)
        {
            return locks.TryGetValue(index, out var labels) && labels.Ids.AsSpan().Contains((byte)id);
        }
    }

    /// <summary>The labels with the frame's locked masks of tracked objects in them.</summary>
    public LabelMap WithLocks(int index, LabelMap labels, IReadOnlyList<int> ids)
    {
        lock (locks)
        {
            return locks.TryGetValue(index, out var locked)
                ? LabelMerge.Replace(labels, locked, [.. locked.ObjectIds().Intersect(ids)])
                : labels;
        }
    }

    /// <summary>Writes the session whole or not at all.</summary>
    public void Save(string path, VmosTracker vmos, int refinedFrames)
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var document = new JsonObject
        {
            ["fingerprint"] = fingerprint,
            ["removed"] = new JsonArray([.. removed.Select(id => JsonValue.Create(id))]),
            ["size"] = frameSize is { } size ? new JsonArray(size.Width, size.Height) : null,
            ["refined_frames"] = refinedFrames,
            ["locks"] = new JsonArray([.. locks.Keys.Order().Select(index => JsonValue.Create(index))]),
            ["views"] = vmos.Save(tensors),
        };
        foreach (var (index, labels) in locks)
        {
            tensors[$"lock{index.ToString(CultureInfo.InvariantCulture)}"] = tensor(labels.Ids);
        }

        if (Last is { } last)
        {
            document["last"] = new JsonObject { ["index"] = last.Frame.Index, ["ticks"] = last.Frame.Timestamp?.Ticks, ["confidence"] = JsonSerializer.SerializeToNode(last.Confidence) };
            tensors["last.rgb"] = tensor(last.Frame.Rgb);
            tensors["last.shown"] = tensor(last.Shown.Ids);
            tensors["last.remembered"] = tensor(last.Remembered.Ids);
        }

        Safetensors.Save(path, tensors, new Dictionary<string, string> { [Key] = document.ToJsonString() });
    }

    /// <summary>Takes over a saved session.</summary>
    /// <returns>Frames the refiner had seen.</returns>
    /// <exception cref="MediaException">The file is no saved session, is damaged, or belongs to another model or other options.</exception>
    public int Restore(string path, VmosTracker vmos)
    {
        try
        {
            using var file = SafetensorsFile.Open(path);
            var document = JsonNode.Parse(file.Metadata.GetValueOrDefault(Key) ?? "null") ?? throw new MediaException($"'{path}' is no saved session; expected a file that Save wrote.");
            var own = document["fingerprint"]!.GetValue<string>();
            if (own != fingerprint)
            {
                throw new MediaException($"'{path}' was saved with {own}, this tracker has {fingerprint}; load the same model with the same options.");
            }

            var tensors = Safetensors.Load(file);
            removed.UnionWith(document["removed"]!.AsArray().Select(id => id!.GetValue<int>()));
            frameSize = document["size"] is JsonArray size ? (size[0]!.GetValue<int>(), size[1]!.GetValue<int>()) : null;
            LabelMap Map(string name) => new(file.Bytes(name), frameSize!.Value.Width, frameSize.Value.Height);
            foreach (var index in document["locks"]!.AsArray().Select(index => index!.GetValue<int>()))
            {
                locks[index] = Map($"lock{index.ToString(CultureInfo.InvariantCulture)}");
            }

            if (document["last"] is { } last)
            {
                TimeSpan? time = last["ticks"] is { } ticks ? TimeSpan.FromTicks(ticks.GetValue<long>()) : null;
                var frame = new Frame(file.Bytes("last.rgb"), frameSize!.Value.Width, frameSize.Value.Height, last["index"]!.GetValue<int>(), time);
                var shown = Map("last.shown");
                var remembered = Map("last.remembered");
                Last = new(frame, shown, shown.Ids.AsSpan().SequenceEqual(remembered.Ids) ? shown : remembered, last["confidence"].Deserialize<Dictionary<int, double>>()!);
            }

            vmos.Restore(document["views"]!.AsArray(), tensors);
            return document["refined_frames"]!.GetValue<int>();
        }
        catch (Exception e) when (e is CheckpointFormatException or JsonException or KeyNotFoundException or NullReferenceException or InvalidOperationException)
        {
            throw new MediaException($"'{path}' is no whole saved session ({e.Message.ReplaceLineEndings(" ")}); save it again.", e);
        }
    }
}
