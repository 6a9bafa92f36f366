namespace HqTrack.Weights;

/// <summary>One model of the catalogue, and where its weights are on this machine.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Kind">"segmenter" or "refiner".</param>
/// <param name="Network">What it is.</param>
/// <param name="Source">Where its weights come from.</param>
/// <param name="Licence">Terms of the weights.</param>
/// <param name="Sha256">Hash of the weights file here, or "unknown" where none was computed.</param>
/// <param name="Location">File or "embedded"; null where the weights are not on this machine.</param>
/// <param name="Bytes">Size of the weights file; null where they are not on this machine.</param>
/// <param name="ImportedFrom">Name of the file they were imported from; null where they were not.</param>
/// <param name="ImportedSha256">Hash of that file; null where they were not imported.</param>
public sealed record ModelEntry(
    string Name,
    string Kind,
    string Network,
    string Source,
    string Licence,
    string Sha256,
    string? Location,
    long? Bytes,
    string? ImportedFrom = null,
    string? ImportedSha256 = null);

/// <summary>What a check of a model's weights found.</summary>
/// <param name="Name">The model.</param>
/// <param name="Location">File, or "embedded".</param>
/// <param name="Sha256">Hash of the weights, computed by the check.</param>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="Problem">One line, or null where everything holds.</param>
public sealed record ModelCheck(string Name, string Location, string Sha256, int Tensors, string? Problem);
