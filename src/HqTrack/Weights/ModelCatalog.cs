using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Weights;

/// <summary>The models by name: what they are, and where their weights are.</summary>
public static class ModelCatalog
{
    private const string Embedded = "embedded";
    private const string Unknown = "unknown";

    /// <summary>Folder of imported weights, as NAME.safetensors.</summary>
    public static string Folder => Path.Combine(UserCache.Root, "models");

    /// <summary>Every model; hashes are not computed here.</summary>
    public static IReadOnlyList<ModelEntry> List() => [.. ModelDescription.All.Select(model => Describe(model, withHash: false))];

    /// <summary>One model, with the hash of its weights where they are on this machine.</summary>
    /// <exception cref="ArgumentException">The name is not in the catalogue.</exception>
    public static ModelEntry Info(string name) => Describe(ModelDescription.Of(name), withHash: true);

    /// <summary>
    /// Takes a weights file over as the model's: checks that it fits, stores it in <see cref="Folder"/> and records its hash, which every later use
    /// and every later import is checked against.
    /// </summary>
    /// <param name="file">A checkpoint of torch.save (.pth) or a safetensors file; told apart by content.</param>
    /// <param name="name">A name of the catalogue.</param>
    /// <param name="replace">Takes the file even when the model was imported from another one before.</param>
    /// <exception cref="ArgumentException">The name is not in the catalogue.</exception>
    /// <exception cref="CheckpointFormatException">The file is damaged, or is not the one the model was first imported from.</exception>
    /// <exception cref="CheckpointMismatchException">The file belongs to another model.</exception>
    public static ModelEntry Import(string file, string name, bool replace = false)
    {
        ModelDescription.Of(name);
        new ModelStore(Folder).Import(file, name, replace, TimeProvider.System);
        return Info(name);
    }

    /// <summary>Checks weights: hash as recorded, whole, of the model's keys and shapes, every number finite.</summary>
    /// <param name="name">A name of the catalogue.</param>
    /// <param name="weightsPath">A file to check instead of the embedded or imported weights.</param>
    /// <exception cref="ArgumentException">The name is not in the catalogue.</exception>
    /// <exception cref="WeightsMissingException">There are no weights to check.</exception>
    public static ModelCheck Verify(string name, string? weightsPath = null)
    {
        ModelDescription.Of(name);
        NativeRuntime.EnsureLoaded();
        var store = new ModelStore(Folder);
        using var embedded = weightsPath is null && !store.Has(name) ? EmbeddedWeights.Open(name) : null;
        var location = embedded is not null ? Embedded : weightsPath ?? store.PathOf(name);
        if (embedded is null && !File.Exists(location))
        {
            throw new WeightsMissingException(Missing(name, weightsPath));
        }

        var hash = embedded is not null ? EmbeddedWeights.Sha256(embedded) : ModelStore.Hash(location);
        try
        {
            using var weights = Resolve(name, weightsPath);
            using (var network = ModelNetworks.Create(name))
            {
                StateDictLoader.Check(network, weights);
            }

            CheckFinite(weights);
            return new(name, location, hash, weights.Names.Count, Problem: null);
        }
        catch (Exception e) when (e is CheckpointFormatException or CheckpointMismatchException)
        {
            return new(name, location, hash, 0, e.Message);
        }
    }

    /// <summary>Opens a model's weights.</summary>
    /// <param name="name">Name of the catalogue.</param>
    /// <param name="weightsPath">A file to use instead; null takes the imported ones, else the embedded ones.</param>
    /// <param name="option">The command line's option for the file, for messages.</param>
    /// <exception cref="WeightsMissingException">There are none; the message says how to get them.</exception>
    /// <exception cref="CheckpointFormatException">They are damaged, or are not those that were recorded.</exception>
    internal static WeightsFile Resolve(string name, string? weightsPath, string option = "--weights")
    {
        ModelDescription.Of(name);
        if (weightsPath is not null)
        {
            return File.Exists(weightsPath) ? WeightsFile.Open(weightsPath) : throw new WeightsMissingException(Missing(name, weightsPath, option));
        }

        var store = new ModelStore(Folder);
        return store.Has(name) ? store.Open(name, TimeProvider.System)
            : EmbeddedWeights.Open(name) is { } embedded ? WeightsFile.Open(embedded, $"embedded weights of '{name}'")
            : throw new WeightsMissingException(Missing(name, weightsPath, option));
    }

    /// <summary>SHA-256 of the weights that <see cref="Resolve"/> opened, in lower-case hexadecimal.</summary>
    internal static string HashOf(string name, string? weightsPath)
    {
        if (weightsPath is not null)
        {
            return ModelStore.Hash(weightsPath);
        }

        var store = new ModelStore(Folder);
        if (store.Has(name) && store.Record(name) is { } record)
        {
            return record.Sha256; // compared when it was opened
        }

        using var embedded = EmbeddedWeights.Open(name) ?? throw new WeightsMissingException(Missing(name, weightsPath));
        return EmbeddedWeights.Sha256(embedded);
    }

    private static string Missing(string name, string? weightsPath, string option = "--weights") => weightsPath is not null
        ? $"weights file '{weightsPath}' not found; expected weights of model '{name}' (.pth or .safetensors)."
        : $"model '{name}' has no weights here: none embedded, none at {new ModelStore(Folder).PathOf(name)}; get them ({ModelDescription.Of(name).Source}) and run 'hqtrack models import FILE --as {name}', or pass them with {option}.";

    private static ModelEntry Describe(ModelDescription model, bool withHash)
    {
        var entry = new ModelEntry(model.Name, model.Kind, model.Network, model.Source, model.Licence, Unknown, Location: null, Bytes: null);
        var store = new ModelStore(Folder);
        if (store.Has(model.Name))
        {
            var path = store.PathOf(model.Name);
            var record = store.Record(model.Name);
            return entry with
            {
                Sha256 = withHash ? ModelStore.Hash(path) : Unknown,
                Location = path,
                Bytes = new FileInfo(path).Length,
                ImportedFrom = record?.Source,
                ImportedSha256 = record?.SourceSha256,
            };
        }

        using var embedded = EmbeddedWeights.Open(model.Name);
        return embedded is null ? entry : entry with { Sha256 = withHash ? EmbeddedWeights.Sha256(embedded) : Unknown, Location = Embedded, Bytes = embedded.Length };
    }

    private static void CheckFinite(WeightsFile weights) => weights.Read(weights.Names, (name, tensor) =>
    {
        if (tensor.is_floating_point() && !tensor.isfinite().all().item<bool>())
        {
            throw new CheckpointFormatException($"{weights.Name}: found numbers that are not finite in '{name}'; expected trained weights, get the file again.");
        }
    });
}
