using System.Text.Json;
using HqTrack.Evaluation.Datasets;

namespace HqTrack.Evaluation.Lvos;

/// <summary>
/// A dataset laid out like LVOS: valid_meta.json, JPEGImages/SEQUENCE/NNNNNNNN.jpg, Annotations/SEQUENCE/NNNNNNNN.png and
/// unseen_videos.txt, the sequences whose categories the training set lacks.
/// </summary>
internal sealed class LvosDataset
{
    private LvosDataset(IReadOnlyList<LvosSequence> sequences) => Sequences = sequences;

    /// <summary>The sequences in the order of the meta file.</summary>
    public IReadOnlyList<LvosSequence> Sequences { get; }

    /// <summary>Opens a dataset.</summary>
    /// <param name="root">The folder that holds the meta file.</param>
    /// <param name="set">The subset, as in SET_meta.json.</param>
    /// <exception cref="EvaluationException">A file of the layout is missing or not as expected; the message names the file and what is in it.</exception>
    public static LvosDataset Open(string root, string set = "valid")
    {
        var meta = Path.Combine(root, $"{set}_meta.json");
        using var document = MetaFile.Read(meta, "LVOS");
        var unseenList = Path.Combine(root, "unseen_videos.txt");
        var unseen = File.Exists(unseenList)
            ? File.ReadLines(unseenList).Select(line => line.Trim()).Where(line => line.Length > 0).ToHashSet(StringComparer.Ordinal)
            : throw new EvaluationException($"'{unseenList}' does not exist, expected the list of sequences of unseen categories, one name a line; copy it from the LVOS toolkit.");
        var sequences = new List<LvosSequence>();
        foreach (var (name, video) in MetaFile.Videos(document, meta))
        {
            var folder = Path.Combine(root, "Annotations", name);
            if (!Directory.Exists(folder))
            {
                throw new EvaluationException($"'{meta}' lists sequence '{name}', which has no folder '{folder}'; complete the dataset.");
            }

            var objects = MetaFile.Objects(video, meta, name).Select(entry => Object(entry.Id, entry.Value, meta, name)).ToArray();
            sequences.Add(new(new(name, Path.Combine(root, "JPEGImages", name), folder), unseen.Contains(name), objects));
        }

        return new(sequences);
    }

    private static LvosObject Object(int id, JsonElement value, string meta, string name)
    {
        int Number(string key) =>
            value.TryGetProperty("frame_range", out var range) && range.ValueKind == JsonValueKind.Object
            && range.TryGetProperty(key, out var text) && int.TryParse(text.ToString(), out var number)
                ? number
                : throw new EvaluationException($"'{meta}': object {id} of sequence '{name}' has no number frame_range.{key}; expected \"frame_range\": {{\"start\": \"1\", \"end\": \"62\"}}.");
        return new(id, Number("start"), Number("end"));
    }
}

/// <summary>One sequence of LVOS.</summary>
/// <param name="Video">Its frames and annotations.</param>
/// <param name="IsUnseen">Its category is not in the training set.</param>
/// <param name="Objects">Its objects.</param>
internal sealed record LvosSequence(VideoSequence Video, bool IsUnseen, IReadOnlyList<LvosObject> Objects);

/// <summary>One object of LVOS: annotated in frames Start, Start + 5, ... before End.</summary>
internal sealed record LvosObject(int Id, int Start, int End)
{
    private const int Step = 5;

    /// <summary>Names of its annotated frames.</summary>
    public IEnumerable<string> Frames()
    {
        for (var frame = Start; frame < End; frame += Step)
        {
            yield return $"{frame:D8}";
        }
    }
}
