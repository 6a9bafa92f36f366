using System.Text.Json;

namespace HqTrack.Evaluation.Datasets;

/// <summary>The meta files of LVOS and YouTube-VOS: {"videos": {NAME: {"objects": {ID: {...}}}}}.</summary>
internal static class MetaFile
{
    /// <summary>Reads the file.</summary>
    /// <exception cref="EvaluationException">It is missing or no JSON; the message names the line.</exception>
    public static JsonDocument Read(string path, string layout)
    {
        if (!File.Exists(path))
        {
            throw new EvaluationException($"'{path}' does not exist, expected the layout of {layout}; give the folder that holds this file.");
        }

        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException e)
        {
            throw new EvaluationException($"'{path}', line {e.LineNumber + 1}: not JSON; copy the file again.", e);
        }
    }

    /// <summary>The videos, in the file's order.</summary>
    /// <exception cref="EvaluationException">There are none.</exception>
    public static IEnumerable<(string Name, JsonElement Value)> Videos(JsonDocument document, string path) =>
        document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("videos", out var videos)
        && videos.ValueKind == JsonValueKind.Object && videos.EnumerateObject().Any()
            ? videos.EnumerateObject().Select(entry => (entry.Name, entry.Value))
            : throw new EvaluationException($"'{path}' holds no \"videos\", expected {{\"videos\": {{NAME: {{\"objects\": ...}}}}}}; check that it is the dataset's meta file.");

    /// <summary>The objects of one video by ascending id.</summary>
    /// <exception cref="EvaluationException">There are none, or one has no number.</exception>
    public static IEnumerable<(int Id, JsonElement Value)> Objects(JsonElement video, string path, string name)
    {
        if (video.ValueKind != JsonValueKind.Object || !video.TryGetProperty("objects", out var objects) || objects.ValueKind != JsonValueKind.Object || !objects.EnumerateObject().Any())
        {
            throw new EvaluationException($"'{path}': sequence '{name}' has no \"objects\"; expected {{\"1\": {{...}}, ...}}.");
        }

        return objects.EnumerateObject()
            .Select(entry => int.TryParse(entry.Name, out var id) && id is > 0 and < 255
                ? (Id: id, entry.Value)
                : throw new EvaluationException($"'{path}': object '{entry.Name}' of sequence '{name}' is no id, expected 1..254."))
            .OrderBy(entry => entry.Id)
            .ToArray();
    }
}
