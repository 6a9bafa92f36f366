using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>
/// DIR/labelstudio.json: Label Studio tasks, one a frame, with brush masks as predictions (from_name "tag", to_name "image", labels
/// the objects' names, the id of a mask fFRAMEoID), for a project with BrushLabels name="tag" on Image name="image".
/// </summary>
internal sealed class LabelStudioExport : IExport
{
    private const string Part = "tasks";

    private readonly string path;
    private readonly ExportTarget target;
    private readonly PartFiles parts;

    /// <summary>Opens the export.</summary>
    /// <exception cref="MediaException">The folder cannot be written.</exception>
    public LabelStudioExport(ExportTarget target)
    {
        path = target.PathOf("labelstudio.json");
        this.target = target;
        parts = new(target, "labelstudio");
    }

    /// <summary>Reads the masks of such a file: the frames by index.</summary>
    /// <exception cref="MediaException">A mask is damaged.</exception>
    public static SortedDictionary<int, LabelMap> Read(string path)
    {
        var frames = new SortedDictionary<int, LabelMap>();
        using var document = JsonDocument.Parse(ImageFile.ReadBytes(path));
        foreach (var task in document.RootElement.EnumerateArray())
        {
            var data = task.GetProperty("data");
            var index = data.GetProperty("frame_index").GetInt32();
            var size = (Width: data.GetProperty("width").GetInt32(), Height: data.GetProperty("height").GetInt32());
            frames[index] = new(size.Width, size.Height);
            foreach (var result in task.GetProperty("predictions")[0].GetProperty("result").EnumerateArray())
            {
                var value = result.GetProperty("value");
                var mask = BrushRle.Decode([.. value.GetProperty("rle").EnumerateArray().Select(item => item.GetByte())], size.Width, size.Height);
                var id = byte.Parse(result.GetProperty("id").GetString()!.Split('o')[^1], CultureInfo.InvariantCulture);
                ObjectFolders.Put(frames, index, size.Width, size.Height, id, pixel => mask[pixel]);
            }
        }

        return frames;
    }

    public void Write(Frame frame, TrackedFrame result)
    {
        var visible = result.Objects.Where(entry => entry.Area > 0).ToList();
        var task = new JsonObject
        {
            ["data"] = new JsonObject { ["image"] = target.Source.FrameName(frame.Index), ["frame_index"] = frame.Index, ["width"] = frame.Width, ["height"] = frame.Height },
            ["predictions"] = new JsonArray(new JsonObject
            {
                ["model_version"] = "HqTrack",
                ["score"] = visible.Count == 0 ? 0 : Math.Round(visible.Average(entry => entry.Confidence), 4),
                ["result"] = new JsonArray([.. visible.Select(entry => Brush(frame, result.Labels, entry))]),
            }),
        };
        parts.Append(Part, (parts.Length(Part) == 0 ? string.Empty : ",\n") + task.ToJsonString(ExportJson.Options));
    }

    public JsonObject Checkpoint() => parts.Checkpoint();

    public void Close()
    {
        parts.Assemble(path, "[\n", Piece.Of(Part), "\n]\n");
    }

    public void Dispose() => parts.Dispose();

    private JsonObject Brush(Frame frame, LabelMap labels, TrackedObject entry) => new()
    {
        ["id"] = string.Create(CultureInfo.InvariantCulture, $"f{frame.Index}o{entry.Id}"),
        ["type"] = "brushlabels",
        ["from_name"] = "tag",
        ["to_name"] = "image",
        ["original_width"] = frame.Width,
        ["original_height"] = frame.Height,
        ["image_rotation"] = 0,
        ["score"] = Math.Round(entry.Confidence, 4),
        ["value"] = new JsonObject
        {
            ["format"] = "rle",
            ["rle"] = new JsonArray([.. BrushRle.Encode(labels, (byte)entry.Id).Select(code => JsonValue.Create((int)code))]),
            ["brushlabels"] = new JsonArray(target.NameOf(entry.Id)),
        },
    };
}
