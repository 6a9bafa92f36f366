using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Weights;

/// <summary>
/// The mean of several sets of weights of one network (Wortsman et al. 2022, "Model soups"): where runs started from the same weights it is often better than each, and never slower.
/// </summary>
internal static class WeightsAverage
{
    /// <summary>Writes the mean, whole or not at all; every tensor has the type that it has in the first file.</summary>
    /// <param name="files">Two files or more with the same keys and shapes.</param>
    /// <param name="output">Target; replaced when it exists.</param>
    /// <exception cref="CheckpointMismatchException">A file belongs to another network than the first; the keys are named.</exception>
    public static void Write(IReadOnlyList<WeightsFile> files, string output)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var first = files[0].Load();
        var sums = first.ToDictionary(entry => entry.Key, entry => entry.Value.to_type(ScalarType.Float64), StringComparer.Ordinal);
        foreach (var file in files.Skip(1))
        {
            using var inner = NewDisposeScope();
            var tensors = file.Load();
            Check(first, tensors, file.Name, Path.GetFileName(files[0].Name));
            foreach (var (key, value) in tensors)
            {
                sums[key].add_(value.to_type(ScalarType.Float64));
            }
        }

        var means = first.Select(entry => KeyValuePair.Create(entry.Key, sums[entry.Key].div(files.Count).to_type(entry.Value.dtype)));
        var sources = string.Join(", ", files.Select(file => Path.GetFileName(file.Name)));
        Safetensors.Save(output, means, new Dictionary<string, string>(files[0].Metadata, StringComparer.Ordinal) { ["mean_of"] = sources });
    }

    private static void Check(Dictionary<string, Tensor> first, Dictionary<string, Tensor> other, string name, string network)
    {
        var missing = first.Keys.Where(key => !other.ContainsKey(key)).ToArray();
        var unexpected = other.Keys.Where(key => !first.ContainsKey(key)).ToArray();
        var misshapen = first.Where(entry => other.TryGetValue(entry.Key, out var value) && !value.shape.SequenceEqual(entry.Value.shape))
            .Select(entry => $"{entry.Key}: found [{string.Join(", ", other[entry.Key].shape)}], expected [{string.Join(", ", entry.Value.shape)}]").ToArray();
        if (missing.Length + unexpected.Length + misshapen.Length > 0)
        {
            throw new CheckpointMismatchException(name, network, missing, unexpected, misshapen);
        }
    }
}
