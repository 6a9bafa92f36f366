using System.Security.Cryptography;
using System.Text.Json;
using HqTrack.Media;

namespace HqTrack.Weights;

/// <summary>What is known of weights in the store.</summary>
/// <param name="Sha256">Hash of the stored file when it was recorded.</param>
/// <param name="Bytes">Its size then.</param>
/// <param name="Recorded">When that was.</param>
/// <param name="Source">Name of the file it was imported from; null where it was put there by hand.</param>
/// <param name="SourceSha256">Hash of that file.</param>
internal sealed record StoredModel(string Sha256, long Bytes, DateTimeOffset Recorded, string? Source = null, string? SourceSha256 = null);

/// <summary>A folder of imported weights: NAME.safetensors, and NAME.json with the hash that every later use is checked against.</summary>
internal sealed class ModelStore(string folder)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Where a model's weights are or would be.</summary>
    public string PathOf(string name) => Path.Combine(folder, $"{name}.safetensors");

    /// <summary>Whether it has a model's weights.</summary>
    public bool Has(string name) => File.Exists(PathOf(name));

    /// <summary>What was recorded of a model's weights, or null.</summary>
    /// <exception cref="CheckpointFormatException">The record is damaged.</exception>
    public StoredModel? Record(string name)
    {
        var path = RecordPath(name);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<StoredModel>(File.ReadAllBytes(path), Options) is { Sha256.Length: 64 } record ? record : throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CheckpointFormatException($"{path}: found no readable record; expected the hash of the weights beside it, import '{name}' again.", e);
        }
    }

    /// <summary>Opens weights after comparing their hash with the recorded one; the first use records it.</summary>
    /// <exception cref="CheckpointFormatException">Another hash, or no weights file.</exception>
    public WeightsFile Open(string name, TimeProvider time)
    {
        var path = PathOf(name);
        var record = Record(name);
        var hash = Hash(path);
        if (record is null)
        {
            Write(name, new(hash, new FileInfo(path).Length, time.GetUtcNow()));
        }
        else if (record.Sha256 != hash)
        {
            throw new CheckpointFormatException($"{path}: found SHA-256 {hash}; expected {record.Sha256}, as recorded {record.Recorded:yyyy-MM-dd}: the file was changed, import '{name}' again.");
        }

        return WeightsFile.Open(path);
    }

    /// <summary>Takes over weights: checks that they fit, writes them as safetensors in their own types, records both hashes.</summary>
    /// <param name="file">A checkpoint of torch.save or a safetensors file.</param>
    /// <param name="name">The model.</param>
    /// <param name="replace">Takes the file even when the model was imported from another one.</param>
    /// <param name="time">Clock for the record.</param>
    /// <exception cref="CheckpointFormatException">The file is damaged, or is not the one the model was first imported from.</exception>
    /// <exception cref="CheckpointMismatchException">The file does not fit the model.</exception>
    public void Import(string file, string name, bool replace, TimeProvider time)
    {
        var hash = Hash(file);
        if (!replace && Has(name) && Record(name) is { SourceSha256: { } first, Source: var source } && first != hash)
        {
            throw new CheckpointFormatException($"{file}: found SHA-256 {hash}; expected {first}, as '{name}' was first imported from '{source}': get that file again, or pass --replace.");
        }

        using var weights = WeightsFile.Open(file);
        using (var network = ModelNetworks.Create(name))
        {
            StateDictLoader.Check(network, weights);
        }

        WeightsConversion.Write(weights, PathOf(name));
        Write(name, new(Hash(PathOf(name)), new FileInfo(PathOf(name)).Length, time.GetUtcNow(), Path.GetFileName(file), hash));
    }

    /// <summary>Lower-case hexadecimal SHA-256 of a file.</summary>
    /// <exception cref="CheckpointFormatException">It cannot be read.</exception>
    public static string Hash(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointFormatException($"{path} cannot be read ({e.Message.ReplaceLineEndings(" ")}); expected weights (.pth or .safetensors).", e);
        }
    }

    private void Write(string name, StoredModel record)
    {
        try
        {
            AtomicFile.Write(RecordPath(name), JsonSerializer.SerializeToUtf8Bytes(record, Options));
        }
        catch (MediaException) when (record.Source is null)
        {
            // Weights put by hand into a folder that cannot be written are used without a record.
        }
    }

    private string RecordPath(string name) => Path.Combine(folder, $"{name}.json");
}
