using System.Text.Json;
using HqTrack.Evaluation.Datasets;

namespace HqTrack.Evaluation.YouTubeVos;

/// <summary>
/// A dataset laid out like YouTube-VOS: SET/meta.json, SET/JPEGImages/VIDEO/NNNNN.jpg, SET/Annotations/VIDEO/NNNNN.png. An object is
/// unseen where its category is not in train/meta.json.
/// </summary>
internal sealed class YouTubeVosDataset
{
    private YouTubeVosDataset(IReadOnlyList<YouTubeVosSequence> sequences, bool isSplit)
    {
        Sequences = sequences;
        IsSplit = isSplit;
    }

    /// <summary>The sequences in the order of the meta file.</summary>
    public IReadOnlyList<YouTubeVosSequence> Sequences { get; }

    /// <summary>Seen and unseen categories are known: the training set's meta file was found. Otherwise every object counts as seen.</summary>
    public bool IsSplit { get; }

    /// <summary>Opens a dataset.</summary>
    /// <param name="root">The folder of the set, or the one above it.</param>
    /// <param name="set">Name of the set's folder.</param>
    /// <exception cref="EvaluationException">A file of the layout is missing or not as expected; the message names the file and what is in it.</exception>
    public static YouTubeVosDataset Open(string root, string set = "valid")
    {
        var folder = File.Exists(Path.Combine(root, set, "meta.json")) ? Path.Combine(root, set) : root;
        var meta = Path.Combine(folder, "meta.json");
        using var document = MetaFile.Read(meta, "YouTube-VOS");
        var seen = SeenCategories([Path.Combine(folder, "..", "train", "meta.json"), Path.Combine(root, "train", "meta.json")]);
        var sequences = new List<YouTubeVosSequence>();
        foreach (var (name, video) in MetaFile.Videos(document, meta))
        {
            var objects = MetaFile.Objects(video, meta, name).Select(entry => Object(entry.Id, entry.Value, meta, name, seen)).ToArray();
            sequences.Add(new(new(name, Path.Combine(folder, "JPEGImages", name), Path.Combine(folder, "Annotations", name)), objects));
        }

        return new(sequences, seen is not null);
    }

    private static HashSet<string>? SeenCategories(IEnumerable<string> candidates)
    {
        var meta = candidates.FirstOrDefault(File.Exists);
        if (meta is null)
        {
            return null;
        }

        using var document = MetaFile.Read(meta, "YouTube-VOS");
        return MetaFile.Videos(document, meta)
            .SelectMany(video => MetaFile.Objects(video.Value, meta, video.Name).Select(entry => Category(entry.Value)))
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
    }

    private static string? Category(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("category", out var category) ? category.ToString() : null;

    private static YouTubeVosObject Object(int id, JsonElement value, string meta, string name, HashSet<string>? seen)
    {
        var frames = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("frames", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(frame => frame.ToString()).ToArray()
            : [];
        return frames.Length > 0
            ? new(id, frames, seen is not null && Category(value) is { } category && !seen.Contains(category))
            : throw new EvaluationException($"'{meta}': object {id} of sequence '{name}' has no \"frames\"; expected {{\"category\": \"...\", \"frames\": [\"00000\", ...]}}.");
    }
}

/// <summary>One sequence of YouTube-VOS.</summary>
/// <param name="Video">Its frames and annotations.</param>
/// <param name="Objects">Its objects.</param>
internal sealed record YouTubeVosSequence(VideoSequence Video, IReadOnlyList<YouTubeVosObject> Objects);

/// <summary>One object of YouTube-VOS.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Frames">Names of the frames it is annotated in, at least one; its mask is given in the first.</param>
/// <param name="IsUnseen">Its category is not in the training set.</param>
internal sealed record YouTubeVosObject(int Id, IReadOnlyList<string> Frames, bool IsUnseen);
