using System.Text.Json;
using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>
/// DIR/coco.json: COCO instances. Image id = frame index + 1; a category per object, its id and name the object's; masks as compressed run lengths, exactly
/// those of pycocotools; "track_id", "score" and "frame_index" beside what COCO asks for.
/// </summary>
internal sealed class CocoExport : IExport
{
    private readonly string path;
    private readonly ExportTarget target;
    private readonly PartFiles parts;
    private readonly SortedSet<int> ids = [];
    private int annotations;

    /// <summary>Opens the export.</summary>
    /// <exception cref="MediaException">The folder cannot be written.</exception>
    public CocoExport(ExportTarget target)
    {
        path = target.PathOf("coco.json");
        this.target = target;
        parts = new(target, "coco");
        ids.UnionWith(target.State?["ids"]?.AsArray().Select(id => id!.GetValue<int>()) ?? []);
        annotations = target.State?["annotations"]?.GetValue<int>() ?? 0;
    }

    /// <summary>Reads the masks of such a file: the frames by index, objects by category.</summary>
    /// <exception cref="MediaException">A mask is damaged.</exception>
    public static SortedDictionary<int, LabelMap> Read(string path)
    {
        using var document = JsonDocument.Parse(ImageFile.ReadBytes(path));
        var frames = new SortedDictionary<int, LabelMap>();
        foreach (var image in document.RootElement.GetProperty("images").EnumerateArray())
        {
            frames[image.GetProperty("id").GetInt32() - 1] = new(image.GetProperty("width").GetInt32(), image.GetProperty("height").GetInt32());
        }

        foreach (var annotation in document.RootElement.GetProperty("annotations").EnumerateArray())
        {
            var labels = frames[annotation.GetProperty("image_id").GetInt32() - 1];
            var mask = Rle.Parse(annotation.GetProperty("segmentation").GetProperty("counts").GetString()!, labels.Width, labels.Height).ToPixels();
            var id = (byte)annotation.GetProperty("category_id").GetInt32();
            for (var i = 0; i < mask.Length; i++)
            {
                labels.Ids[i] = mask[i] != 0 ? id : labels.Ids[i];
            }
        }

        return frames;
    }

    public void Write(Frame frame, TrackedFrame result)
    {
        Add("images", new JsonObject
        {
            ["id"] = frame.Index + 1,
            ["file_name"] = target.Source.FrameName(frame.Index),
            ["width"] = frame.Width,
            ["height"] = frame.Height,
            ["frame_index"] = frame.Index,
        });
        foreach (var entry in result.Objects)
        {
            ids.Add(entry.Id);
            if (entry.Box is not { } box)
            {
                continue;
            }

            Add("annotations", new JsonObject
            {
                ["id"] = ++annotations,
                ["image_id"] = frame.Index + 1,
                ["category_id"] = entry.Id,
                ["track_id"] = entry.Id,
                ["segmentation"] = new JsonObject { ["size"] = new JsonArray(frame.Height, frame.Width), ["counts"] = Rle.Of(result.Labels, entry.Id).ToText() },
                ["area"] = entry.Area,
                ["bbox"] = new JsonArray(box.X, box.Y, box.Width, box.Height),
                ["iscrowd"] = 0,
                ["score"] = Math.Round(entry.Confidence, 4),
            });
        }
    }

    public JsonObject Checkpoint()
    {
        var state = parts.Checkpoint();
        state["ids"] = new JsonArray([.. ids.Select(id => JsonValue.Create(id))]);
        state["annotations"] = annotations;
        return state;
    }

    public void Close()
    {
        var categories = new JsonArray([.. ids.Select(id => new JsonObject { ["id"] = id, ["name"] = target.NameOf(id), ["supercategory"] = "object" })]);
        parts.Assemble(
            path, "{\"info\":{\"description\":\"HqTrack\"},\"licenses\":[],\"categories\":", categories.ToJsonString(ExportJson.Options), ",\n\"images\":[\n", Piece.Of("images"), "\n],\n\"annotations\":[\n", Piece.Of("annotations"), "\n]}\n");
    }

    public void Dispose() => parts.Dispose();

    private void Add(string part, JsonObject entry) => parts.Append(part, (parts.Length(part) == 0 ? string.Empty : ",\n") + entry.ToJsonString(ExportJson.Options));
}
