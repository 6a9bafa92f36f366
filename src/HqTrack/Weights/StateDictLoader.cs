using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Weights;

/// <summary>Copies tensors into a module's parameters and buffers after checking all names, shapes and types.</summary>
/// <remarks>TorchSharp's own load_state_dict broadcasts wrong shapes silently.</remarks>
internal static class StateDictLoader
{
    /// <summary>Loads; nothing is changed unless everything fits.</summary>
    /// <param name="module">Target.</param>
    /// <param name="tensors">Values by key; a "module." or "_orig_mod." in front of every key is taken off.</param>
    /// <param name="source">Name for messages.</param>
    /// <param name="prefix">Only keys below this prefix of the module are loaded, as with "encoder."; the tensors carry it too.</param>
    /// <param name="allowUnexpected">Leaves keys that the module lacks alone instead of refusing them.</param>
    /// <param name="allowMissing">Leaves parameters that the tensors lack as they are.</param>
    /// <exception cref="CheckpointMismatchException">Anything does not fit.</exception>
    public static void Load(
        nn.Module module, IReadOnlyDictionary<string, Tensor> tensors, string source, string prefix = "", bool allowUnexpected = false, bool allowMissing = false)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var found = tensors.ToDictionary(entry => entry.Key, entry => Describe(entry.Value), StringComparer.Ordinal);
        foreach (var (name, target) in Match(module, found, source, prefix, allowUnexpected, allowMissing))
        {
            target.copy_(tensors[name]); // converts float16 and bfloat16 and moves between devices
        }
    }

    /// <summary>Loads from a file, whose elements are read only when everything fits, one block of the file after the other.</summary>
    /// <param name="module">Target.</param>
    /// <param name="file">Values by key, as in the other overload.</param>
    /// <param name="prefix">Only keys below this prefix of the module.</param>
    /// <param name="allowUnexpected">Leaves keys that the module lacks alone.</param>
    /// <param name="allowMissing">Leaves parameters that the file lacks as they are.</param>
    /// <exception cref="CheckpointMismatchException">Anything does not fit.</exception>
    /// <exception cref="CheckpointFormatException">The elements are damaged; the module may be changed in part.</exception>
    public static void Load(nn.Module module, WeightsFile file, string prefix = "", bool allowUnexpected = false, bool allowMissing = false)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var targets = Match(module, Describe(file), file.Name, prefix, allowUnexpected, allowMissing);
        file.Read(targets.Keys, (name, value) => targets[name].copy_(value));
    }

    /// <summary>Checks names, shapes and types of a file against a module without reading the elements.</summary>
    /// <exception cref="CheckpointMismatchException">Anything does not fit.</exception>
    public static void Check(nn.Module module, WeightsFile file)
    {
        using var scope = NewDisposeScope();
        Match(module, Describe(file), file.Name, string.Empty, allowUnexpected: false, allowMissing: false);
    }

    // Target of each of the source's names.
    private static Dictionary<string, Tensor> Match(
        nn.Module module, Dictionary<string, TensorInfo> found, string source, string prefix, bool allowUnexpected, bool allowMissing)
    {
        var wrapper = KeyWrapper.Of(found.Keys);
        var targets = module.state_dict().Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        var matched = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        List<string> missing = [], wrong = [];
        foreach (var (key, target) in targets)
        {
            if (!found.TryGetValue(wrapper + key, out var value))
            {
                missing.Add(key);
                continue;
            }

            matched.Add(wrapper + key, target);
            if (!target.shape.SequenceEqual(value.Shape) || value.Type is not { } type || IsFloatingPoint(type) != target.is_floating_point())
            {
                wrong.Add($"{key}: found {value}, expected {Describe(target)}");
            }
        }

        string[] unexpected = allowUnexpected ? [] : [.. found.Keys.Select(key => key[wrapper.Length..]).Where(key => !targets.ContainsKey(key))];
        if (allowMissing)
        {
            missing.Clear();
        }

        return missing.Count + unexpected.Length + wrong.Count == 0
            ? matched
            : throw new CheckpointMismatchException(source, module.GetName(), missing, unexpected, wrong);
    }

    private static bool IsFloatingPoint(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    private static Dictionary<string, TensorInfo> Describe(WeightsFile file) => file.Names.ToDictionary(name => name, file.Describe, StringComparer.Ordinal);

    private static TensorInfo Describe(Tensor tensor) => new(tensor.dtype.ToString(), tensor.dtype, tensor.shape);
}
