using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Weights;

/// <summary>Copies tensors into a module's parameters and buffers after checking all names, shapes and types.</summary>
/// <remarks>TorchSharp's own load_state_dict broadcasts wrong shapes silently.</remarks>
internal static class StateDictLoader
{
    /// <summary>Loads; nothing is changed unless everything fits.</summary>
    /// <param name="module">Target.</param>
    /// <param name="tensors">Values by key; a "module." prefix is taken off.</param>
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
        var values = tensors.ToDictionary(
            entry => entry.Key.StartsWith("module.", StringComparison.Ordinal) ? entry.Key["module.".Length..] : entry.Key, entry => entry.Value, StringComparer.Ordinal);
        var targets = module.state_dict().Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var (key, target) in targets)
        {
            if (values.TryGetValue(key, out var value) && !(target.shape.SequenceEqual(value.shape) && target.is_floating_point() == value.is_floating_point()))
            {
                wrong.Add($"{key}: found {Describe(value)}, expected {Describe(target)}");
            }
        }

        string[] missing = allowMissing ? [] : [.. targets.Keys.Where(key => !values.ContainsKey(key))];
        string[] unexpected = allowUnexpected ? [] : [.. values.Keys.Where(key => !targets.ContainsKey(key))];
        if (missing.Length + unexpected.Length + wrong.Count > 0)
        {
            throw new CheckpointMismatchException(source, module.GetName(), missing, unexpected, wrong);
        }

        foreach (var (key, target) in targets)
        {
            if (values.TryGetValue(key, out var value))
            {
                target.copy_(value); // converts float16 and bfloat16 and moves between devices
            }
        }
    }

    private static string Describe(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}] {tensor.dtype}";
}
