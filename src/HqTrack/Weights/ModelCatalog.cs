using HqTrack.Runtime;
using HqTrack.Vmos;

namespace HqTrack.Weights;

/// <summary>One model of the catalogue.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Network">What it is.</param>
/// <param name="Source">Where its weights come from.</param>
/// <param name="Licence">Terms of the weights.</param>
/// <param name="Sha256">Hash of the weights file, or "unknown" where none was computed.</param>
/// <param name="Location">File or "embedded"; null where the weights are not on this machine.</param>
/// <param name="Bytes">Size of the weights file; null where they are not on this machine.</param>
public sealed record ModelEntry(string Name, string Network, string Source, string Licence, string Sha256, string? Location, long? Bytes);

/// <summary>The models that can be run, and where their weights are.</summary>
public static class ModelCatalog
{
    private const string Own = "lite";
    private const string Unknown = "unknown";
    private const string Unpublished = "no weights were published; train them";
    private const string Published = "yoxu515/aot-benchmark model zoo (not included)";

    private static readonly Dictionary<string, (string Network, string Source, string Licence)> Descriptions = new(StringComparer.Ordinal)
    {
        [Own] = ("MobileNetV2, one gated propagation module, mask path", "trained by this project (models/lite.md)", "models/LICENSE (research data, non-commercial parts)"),
        ["hqtrack"] = ("VMOS of HQTrack: InternImage-T, three modules at 1/16 and one at 1/8", "jiawen-zhu/HQTrack model zoo (not included)", "MIT"),
        ["vmos-r50"] = ("VMOS on ResNet-50", Unpublished, Unknown),
        ["vmos-internimage-b"] = ("VMOS on InternImage-B", Unpublished, Unknown),
        ["vmos-internimage-l"] = ("VMOS on InternImage-L", Unpublished, Unknown),
        ["vmos-internimage-xl"] = ("VMOS on InternImage-XL", Unpublished, Unknown),
        ["vmos-internimage-h"] = ("VMOS on InternImage-H", Unpublished, Unknown),
        ["deaot-t"] = ("DeAOT-T: MobileNetV2, 1 module", Published, "BSD-3-Clause"),
        ["deaot-s"] = ("DeAOT-S: MobileNetV2, 2 modules", Published, "BSD-3-Clause"),
        ["deaot-b"] = ("DeAOT-B: MobileNetV2, 3 modules", Published, "BSD-3-Clause"),
        ["deaot-l"] = ("DeAOT-L: MobileNetV2, 3 modules, memory every 5 frames", Published, "BSD-3-Clause"),
        ["r50-deaot-l"] = ("R50-DeAOT-L: ResNet-50, 3 modules, memory every 5 frames", Published, "BSD-3-Clause"),
    };

    /// <summary>Folder that imported weights are looked up in, as NAME.safetensors.</summary>
    public static string Folder => Path.Combine(UserCache.Root, "models");

    /// <summary>Every model; hashes are not computed here.</summary>
    public static IReadOnlyList<ModelEntry> List() => [.. VmosConfig.All.Select(config => Describe(config.Name, withHash: false))];

    /// <summary>One model, with the hash of its weights where they are on this machine.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalogue.</exception>
    public static ModelEntry Info(string name) => Describe(Known(name), withHash: true);

    /// <summary>Opens a model's weights.</summary>
    /// <param name="name">Name of the catalogue.</param>
    /// <param name="weightsPath">A file to use instead; null looks for embedded, then imported weights.</param>
    /// <exception cref="WeightsMissingException">There are none; the message says how to get them.</exception>
    internal static WeightsFile Resolve(string name, string? weightsPath)
    {
        Known(name);
        if (weightsPath is not null)
        {
            return File.Exists(weightsPath)
                ? WeightsFile.Open(weightsPath)
                : throw new WeightsMissingException($"weights file '{weightsPath}' not found; expected weights of model '{name}' (.pth or .safetensors).");
        }

        if (name == Own && EmbeddedWeights.Open(name) is { } embedded)
        {
            return WeightsFile.Open(embedded, $"embedded weights of '{name}'");
        }

        var imported = ImportedPath(name);
        return File.Exists(imported)
            ? WeightsFile.Open(imported)
            : throw new WeightsMissingException($"model '{name}' has no weights here: none embedded, none at {imported}; put a safetensors file of the model there or pass it with --weights.");
    }

    private static string ImportedPath(string name) => Path.Combine(Folder, $"{name}.safetensors");

    private static string Known(string name) => VmosConfig.All.Any(config => config.Name == name)
        ? name
        : throw new ArgumentException($"model '{name}' is not known; expected one of {string.Join(", ", VmosConfig.All.Select(config => config.Name))}.", nameof(name));

    private static ModelEntry Describe(string name, bool withHash)
    {
        var (network, source, licence) = Descriptions[name];
        using var stream = name == Own ? EmbeddedWeights.Open(name) : null;
        using var file = stream is null && File.Exists(ImportedPath(name)) ? File.OpenRead(ImportedPath(name)) : null;
        var weights = stream ?? file;
        var hash = withHash && weights is not null ? EmbeddedWeights.Sha256(weights) : Unknown;
        return new(name, network, source, licence, hash, stream is not null ? "embedded" : file?.Name, weights?.Length);
    }
}
