using System.Text.Json.Nodes;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Vmos.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Vmos;

/// <summary>
/// Time around the network: what to remember when, groups of ten objects that share the image features, and their merged label map.
/// Every call belongs on the thread that owns the model, inside inference mode.
/// </summary>
internal sealed class VmosEngine(VmosNetwork network, VmosConfig config, Device device) : IDisposable
{
    private readonly List<ObjectGroup> groups = [];
    private readonly List<PropagatedFrame> propagations = [];
    private readonly List<GroupLogits> logits = [];
    private ImageFeatures? current;

    /// <summary>The user's ids that are tracked.</summary>
    public IEnumerable<int> Ids => groups.SelectMany(group => group.Ids).Where(id => id != 0);

    /// <summary>Frames in the long-term memory, the most of any group.</summary>
    public int LongTermCount => groups.Count == 0 ? 0 : groups.Max(group => group.LongTermCount);

    /// <summary>Positions in the long-term memory per propagation module, of the group that has the most.</summary>
    public IReadOnlyList<long> LongTermPositions => groups.Count == 0 ? [] : groups.MaxBy(group => group.LongTermCount)!.LongTermPositions;

    /// <summary>Starts tracking new objects from a frame whose labels are known.</summary>
    /// <param name="features">The encoded frame.</param>
    /// <param name="labels">Labels at the network's input size.</param>
    /// <param name="ids">Ids in <paramref name="labels"/> that are new; none may be tracked already.</param>
    public void AddReference(ImageFeatures features, LabelMap labels, IReadOnlyList<int> ids)
    {
        foreach (var chunk in ids.Chunk(config.MaxObjects))
        {
            var group = new ObjectGroup(config, chunk);
            using var scope = NewDisposeScope();
            group.SetReference(network.Reference(features, group.OneHot(labels, device)).Detach());
            groups.Add(group);
        }
    }

    /// <summary>Takes corrected labels of the frame remembered last, for the groups that hold the corrected objects.</summary>
    /// <param name="features">The encoded frame.</param>
    /// <param name="labels">Every tracked object at the network's input size.</param>
    /// <param name="ids">Tracked ids that were corrected.</param>
    public void Correct(ImageFeatures features, LabelMap labels, IReadOnlyCollection<int> ids)
    {
        foreach (var group in groups.Where(group => group.Ids.Any(ids.Contains)))
        {
            using var scope = NewDisposeScope();
            group.Correct(network.Reference(features, group.OneHot(labels, device)).Detach());
        }
    }

    /// <summary>Stops tracking an object; a group without objects is freed.</summary>
    public void Remove(int id)
    {
        ReleaseFrame();
        var group = groups.First(entry => entry.Ids.Contains(id));
        group.Remove(id);
        if (group.IsEmpty)
        {
            groups.Remove(group);
            group.Dispose();
        }
    }

    /// <summary>Puts the memories into a saved session and returns what else there is to know; between two frames.</summary>
    public JsonArray Save(Dictionary<string, Tensor> tensors, string name) => [.. groups.Select((group, i) => group.Save(tensors, $"{name}.group{i}"))];

    /// <summary>Takes over what <see cref="Save"/> gave; the engine must be new.</summary>
    public void Restore(JsonArray state, IReadOnlyDictionary<string, Tensor> tensors, string name)
    {
        for (var i = 0; i < state.Count; i++)
        {
            groups.Add(ObjectGroup.Restore(config, state[i]!, tensors, $"{name}.group{i}"));
        }
    }

    /// <summary>Propagates all groups into the next frame.</summary>
    /// <param name="features">The encoded frame; must live until <see cref="Remember"/>.</param>
    /// <param name="times">Gets the time of the stages propagation and decoder.</param>
    /// <returns>Per group: logits of background and its objects, [1, n + 1, H/4, W/4]; owned by the engine until <see cref="Remember"/>.</returns>
    public IReadOnlyList<GroupLogits> Propagate(ImageFeatures features, StageTimes times)
    {
        ReleaseFrame();
        current = features;
        foreach (var group in groups)
        {
            using var scope = NewDisposeScope();
            var propagation = times.Measure("propagation", () => network.Propagate(features, group.LongTerm(), group.ShortTerm.Layers));
            propagations.Add(propagation.Detach());
            var decoded = times.Measure("decoder", () => network.Decode(features, propagation, group.ShortTerm.Local, group.Target(network.FitTarget), group.Ids.Count + 1));
            logits.Add(new(group.Ids, decoded.DetachFromDisposeScope()));
        }

        return [.. logits];
    }

    /// <summary>Embeds the label map found for the propagated frame into the memories.</summary>
    /// <param name="labels">Labels at the network's input size.</param>
    public void Remember(LabelMap labels)
    {
        for (var i = 0; i < groups.Count; i++)
        {
            using var scope = NewDisposeScope();
            var oneHot = groups[i].OneHot(labels, device);
            groups[i].Remember(network.Remember(current!, propagations[i], oneHot).Detach());
        }

        ReleaseFrame();
    }

    public void Dispose()
    {
        ReleaseFrame();
        foreach (var group in groups)
        {
            group.Dispose();
        }

        groups.Clear();
    }

    private void ReleaseFrame()
    {
        foreach (var propagation in propagations)
        {
            propagation.Dispose();
        }

        foreach (var group in logits)
        {
            group.Logits.Dispose();
        }

        propagations.Clear();
        logits.Clear();
        current = null;
    }
}

/// <summary>One group's logits.</summary>
/// <param name="Ids">The user's id of each channel from 1 on; 0 for a removed object.</param>
/// <param name="Logits">[1, n + 1, H/4, W/4]</param>
internal sealed record GroupLogits(IReadOnlyList<int> Ids, Tensor Logits);
