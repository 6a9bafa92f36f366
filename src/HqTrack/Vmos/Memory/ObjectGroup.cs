using System.Text.Json.Nodes;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Vmos.Propagation;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Memory;

/// <summary>Up to ten objects that share an identity bank, and what is remembered of them.</summary>
internal sealed class ObjectGroup : IDisposable
{
    private readonly VmosConfig config;
    private readonly LongTermMemory[] longTerm;
    private readonly Queue<FrameMemory> shortTerm = new();
    private readonly byte[] channelOfId = new byte[LabelMap.MaxId + 1];
    private readonly List<int> ids;
    private int framesSinceMemory;
    private Tensor? target; // of the long-term memory as it is
    private bool isNewestStored; // the newest frame is in the long-term memory

    /// <param name="config">Gap, bound and skip.</param>
    /// <param name="ids">The user's ids; channel i + 1 belongs to ids[i].</param>
    public ObjectGroup(VmosConfig config, IEnumerable<int> ids)
    {
        this.config = config;
        this.ids = [.. ids];
        for (var i = 0; i < this.ids.Count; i++)
        {
            channelOfId[this.ids[i]] = (byte)(i + 1);
        }

        longTerm = [.. Enumerable.Range(0, config.Memories).Select(_ => new LongTermMemory(config.LongTermBound))];
    }

    /// <summary>The user's id of each channel from 1 on; 0 for an object that was removed, whose pixels are background.</summary>
    public IReadOnlyList<int> Ids => ids;

    /// <summary>Whether every object was removed.</summary>
    public bool IsEmpty => ids.TrueForAll(id => id == 0);

    /// <summary>Frames in the long-term memory.</summary>
    public int LongTermCount => longTerm[0].Count;

    /// <summary>Positions in the long-term memory per module.</summary>
    public IReadOnlyList<long> LongTermPositions => [.. longTerm.Select(memory => memory.Positions)];

    /// <summary>Long-term memory per module.</summary>
    public IReadOnlyList<LayerMemory> LongTerm() => [.. longTerm.Select(memory => memory.View())];

    /// <summary>The target model of the long-term memory, or null where the network has none; valid until the next frame is stored.</summary>
    public Tensor? Target(Func<IReadOnlyList<LayerMemory>, Tensor?> fit) => target ??= fit(LongTerm())?.DetachFromDisposeScope();

    /// <summary>The frame that short-term attention looks at: the oldest of the last <see cref="VmosConfig.ShortTermSkip"/>.</summary>
    public FrameMemory ShortTerm => shortTerm.Peek();

    /// <summary>This group's labels as one-hot channels [1, ids + 1, H, W]; other groups' objects are background.</summary>
    public Tensor OneHot(LabelMap labels, Device device)
    {
        using var scope = NewDisposeScope();
        var map = empty([1, labels.Height, labels.Width], dtype: ScalarType.Byte);
        var target = TensorSpan.Of<byte>(map);
        var source = labels.Ids;
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = channelOfId[source[i]];
        }

        return Identities.LabelEncoding.OneHot(map.to(device), ids.Count).MoveToOuterDisposeScope();
    }

    /// <summary>Starts the memory from a frame whose labels are known.</summary>
    public void SetReference(FrameMemory frame) => Restart(frame, overNewest: false);

    /// <summary>Takes corrected labels of the newest frame: they replace what was remembered of it and stay for ever.</summary>
    public void Correct(FrameMemory frame) => Restart(frame, overNewest: isNewestStored);

    /// <summary>Forgets an object: its channel counts as background from now on and fades from the memory.</summary>
    public void Remove(int id)
    {
        ids[ids.IndexOf(id)] = 0;
        channelOfId[id] = 0;
    }

    private void Restart(FrameMemory frame, bool overNewest)
    {
        Store(frame, isReference: true, overNewest);
        framesSinceMemory = 0;
        isNewestStored = true;
        while (shortTerm.TryDequeue(out var old))
        {
            old.Dispose();
        }

        shortTerm.Enqueue(frame);
    }

    /// <summary>Takes a tracked frame: always into short-term memory, into long-term memory every gap frames.</summary>
    public void Remember(FrameMemory frame)
    {
        framesSinceMemory++;
        isNewestStored = framesSinceMemory >= config.LongTermGap;
        if (isNewestStored)
        {
            Store(frame, isReference: false, overNewest: false);
            framesSinceMemory = 0;
        }

        shortTerm.Enqueue(frame);
        while (shortTerm.Count > config.ShortTermSkip)
        {
            shortTerm.Dequeue().Dispose();
        }
    }

    /// <summary>Puts the tensors into a saved session and returns what else there is to know.</summary>
    public JsonObject Save(Dictionary<string, Tensor> tensors, string name)
    {
        var frames = shortTerm.ToArray();
        for (var i = 0; i < frames.Length; i++)
        {
            frames[i].Save(tensors, $"{name}.short{i}");
        }

        return new()
        {
            ["ids"] = new JsonArray([.. ids.Select(id => JsonValue.Create(id))]),
            ["since"] = framesSinceMemory,
            ["stored"] = isNewestStored,
            ["short"] = frames.Length,
            ["long"] = new JsonArray([.. longTerm.Select((memory, i) => memory.Save(tensors, $"{name}.long{i}"))]),
        };
    }

    /// <summary>Makes a group again from what <see cref="Save"/> gave.</summary>
    /// <exception cref="CheckpointFormatException">Another network's memories, or those of an earlier version of this one.</exception>
    public static ObjectGroup Restore(VmosConfig config, JsonNode state, IReadOnlyDictionary<string, Tensor> tensors, string name)
    {
        var memories = state["long"]!.AsArray().Count;
        if (memories != config.Memories)
        {
            throw new CheckpointFormatException($"found memories of {memories} parts of the network, expected {config.Memories}; another version of the model saved it");
        }

        var group = new ObjectGroup(config, state["ids"]!.AsArray().Select(id => id!.GetValue<int>()))
        {
            framesSinceMemory = state["since"]!.GetValue<int>(),
            isNewestStored = state["stored"]!.GetValue<bool>(),
        };
        for (var i = 0; i < group.longTerm.Length; i++)
        {
            group.longTerm[i].Restore(state["long"]![i]!, tensors, $"{name}.long{i}");
        }

        for (var i = 0; i < state["short"]!.GetValue<int>(); i++)
        {
            group.shortTerm.Enqueue(FrameMemory.Restore(tensors, $"{name}.short{i}", config.Memories));
        }

        group.channelOfId[0] = 0; // removed objects
        return group;
    }

    public void Dispose()
    {
        foreach (var memory in longTerm)
        {
            memory.Dispose();
        }

        while (shortTerm.TryDequeue(out var frame))
        {
            frame.Dispose();
        }

        target?.Dispose();
    }

    private void Store(FrameMemory frame, bool isReference, bool overNewest)
    {
        for (var i = 0; i < longTerm.Length; i++)
        {
            longTerm[i].Add(frame.Layers[i], isReference, overNewest);
        }

        target?.Dispose();
        target = null;
    }
}
