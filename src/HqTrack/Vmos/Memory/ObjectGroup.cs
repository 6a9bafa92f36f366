using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Vmos.Propagation;
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

    /// <summary>The user's id of each channel from 1 on.</summary>
    public IReadOnlyList<int> Ids => ids;

    /// <summary>Frames in the long-term memory.</summary>
    public int LongTermCount => longTerm[0].Count;

    /// <summary>Positions in the long-term memory per module.</summary>
    public IReadOnlyList<long> LongTermPositions => [.. longTerm.Select(memory => memory.Positions)];

    /// <summary>Long-term memory per module.</summary>
    public IReadOnlyList<LayerMemory> LongTerm() => [.. longTerm.Select(memory => memory.View())];

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

    /// <summary>Starts (or restarts) the memory from a frame whose labels are known.</summary>
    public void SetReference(FrameMemory frame)
    {
        Store(frame, isReference: true);
        framesSinceMemory = 0;
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
        if (framesSinceMemory >= config.LongTermGap)
        {
            Store(frame, isReference: false);
            framesSinceMemory = 0;
        }

        shortTerm.Enqueue(frame);
        while (shortTerm.Count > config.ShortTermSkip)
        {
            shortTerm.Dequeue().Dispose();
        }
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
    }

    private void Store(FrameMemory frame, bool isReference)
    {
        for (var i = 0; i < longTerm.Length; i++)
        {
            longTerm[i].Add(frame.Layers[i], isReference);
        }
    }
}
