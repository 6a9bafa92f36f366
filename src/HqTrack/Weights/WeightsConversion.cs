using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Weights;

/// <summary>What a conversion wrote.</summary>
internal sealed record ConversionResult(string Format, string Part, int Tensors, long Elements, long Bytes);

/// <summary>Weights of any format to safetensors.</summary>
internal static class WeightsConversion
{
    /// <summary>Types for floating-point tensors on the command line. Plain names: parsing a command line must not load libtorch.</summary>
    public static IReadOnlyList<string> TypeNames { get; } = ["float32", "float16", "bfloat16"];

    /// <summary>Writes a file whole or not at all.</summary>
    /// <param name="weights">Source.</param>
    /// <param name="output">Target; replaced when it exists.</param>
    /// <param name="type">One of <see cref="TypeNames"/> for floating-point tensors; null keeps theirs.</param>
    /// <exception cref="CheckpointFormatException">The source is damaged, or holds what safetensors or the type cannot.</exception>
    public static ConversionResult Write(WeightsFile weights, string output, string? type = null)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var tensors = weights.Load();
        if (type is "float16")
        {
            CheckRange(weights.Name, tensors);
        }

        var metadata = new Dictionary<string, string>(weights.Metadata, StringComparer.Ordinal) { ["source"] = Path.GetFileName(weights.Name) };
        if (weights.Part.Length > 0)
        {
            metadata["part"] = weights.Part;
        }

        Safetensors.Save(output, tensors, metadata, type is null ? null : Parse(type));
        return new(weights.Format, weights.Part, tensors.Count, tensors.Values.Sum(tensor => tensor.numel()), new FileInfo(output).Length);
    }

    private static ScalarType Parse(string type) => type switch
    {
        "float32" => ScalarType.Float32,
        "float16" => ScalarType.Float16,
        "bfloat16" => ScalarType.BFloat16,
        _ => throw new ArgumentException($"type '{type}' is not known; expected one of {string.Join(", ", TypeNames)}.", nameof(type)),
    };

    // Beyond 65504 half precision has only infinity.
    private static void CheckRange(string name, Dictionary<string, Tensor> tensors)
    {
        foreach (var (key, tensor) in tensors)
        {
            using var scope = NewDisposeScope();
            if (tensor.is_floating_point() && tensor.isfinite().logical_and(tensor.to(ScalarType.Float16).isfinite().logical_not()).any().item<bool>())
            {
                throw new CheckpointFormatException($"{name}: found values beyond 65504 in '{key}'; expected what float16 can hold, convert to float32 or bfloat16.");
            }
        }
    }
}
