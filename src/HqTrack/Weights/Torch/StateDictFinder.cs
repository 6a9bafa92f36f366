using HqTrack.Weights.Pickle;

namespace HqTrack.Weights.Torch;

/// <summary>Finds the model's tensors among what a checkpoint holds besides: optimiser state, counters, options.</summary>
internal static class StateDictFinder
{
    private const int Deepest = 4;

    // Names that training scripts give it, best first: averaged weights only where there are no others.
    private static readonly string[] Usual =
        ["state_dict", "model_state_dict", "model", "network", "net", "module", "params", "weights", "model_ema", "state_dict_ema", "ema_state_dict", "ema"];

    /// <summary>The state dict, and its path inside the file ("" where the file is nothing else).</summary>
    /// <exception cref="CheckpointFormatException">None, or several of unknown names.</exception>
    public static (string Part, IReadOnlyList<KeyValuePair<string, TensorReference>> Tensors) Find(object? root, string file)
    {
        var parts = new List<string>();
        var known = new Dictionary<PickleDict, bool>();
        for (var at = root; at is PickleDict dict && parts.Count <= Deepest;)
        {
            var children = dict.Items.Where(item => item is { Key: string, Value: PickleDict child } && HoldsTensors(child, Deepest, known)).Select(item => (string)item.Key!).Distinct().ToList();
            var next = Usual.FirstOrDefault(children.Contains);
            if (next is null && Tensors(dict) is { Count: > 0 } tensors)
            {
                return (string.Join('/', parts), tensors);
            }

            if (next is null && children.Count != 1)
            {
                throw TorchFormat.Unsupported(file, children.Count == 0 ? "no tensors" : $"tensors under {string.Join(", ", children.Take(5).Select(TorchFormat.Quote))}, none of them a usual name");
            }

            parts.Add(next ?? children[0]);
            dict.TryGet(parts[^1], out at);
        }

        throw TorchFormat.Unsupported(file, $"{PickleReader.Describe(root)} without a dictionary of tensors");
    }

    private static List<KeyValuePair<string, TensorReference>> Tensors(PickleDict dict)
    {
        var tensors = new OrderedDictionary<string, TensorReference>(StringComparer.Ordinal);
        foreach (var (key, value) in dict.Items)
        {
            if (key is string name && value is TensorReference tensor)
            {
                tensors[name] = tensor;
            }
        }

        return [.. tensors];
    }

    // Dictionaries can hold the same one many times, or themselves: each is looked at once.
    private static bool HoldsTensors(PickleDict dict, int depth, Dictionary<PickleDict, bool> known)
    {
        if (!known.TryGetValue(dict, out var holds))
        {
            known[dict] = false;
            holds = dict.Items.Any(item => item is { Key: string, Value: TensorReference }
                || (depth > 0 && item is { Key: string, Value: PickleDict child } && HoldsTensors(child, depth - 1, known)));
            known[dict] = holds;
        }

        return holds;
    }
}
