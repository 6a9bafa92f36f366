using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>
/// DIR/cvat.xml: "CVAT for images 1.1", the format of CVAT's that holds masks, for image tasks and video tasks alike. Images are named as CVAT
/// names them: a video's frames frame_000000 and so on, images by their files. The label of a mask is its object's name, its group the object's id.
/// </summary>
internal sealed class CvatExport : IExport
{
    private const string Part = "images";

    private readonly string path;
    private readonly ExportTarget target;
    private readonly PartFiles parts;
    private readonly SortedSet<int> ids = [];
    private int frames;

    /// <summary>Opens the export.</summary>
    /// <exception cref="MediaException">The folder cannot be written.</exception>
    public CvatExport(ExportTarget target)
    {
        path = target.PathOf("cvat.xml");
        this.target = target;
        parts = new(target, "cvat");
        ids.UnionWith(target.State?["ids"]?.AsArray().Select(id => id!.GetValue<int>()) ?? []);
        frames = target.State?["frames"]?.GetValue<int>() ?? 0;
    }

    /// <summary>Reads the masks of such a file: the frames by index, groups being ids.</summary>
    /// <exception cref="MediaException">A mask is damaged.</exception>
    public static SortedDictionary<int, LabelMap> Read(string path)
    {
        static int Number(XElement element, string name) => int.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
        var frames = new SortedDictionary<int, LabelMap>();
        foreach (var image in XDocument.Load(path).Root!.Elements("image"))
        {
            var labels = frames[Number(image, "id")] = new(Number(image, "width"), Number(image, "height"));
            foreach (var mask in image.Elements("mask"))
            {
                var id = byte.Parse(mask.Attribute("group_id")!.Value, CultureInfo.InvariantCulture);
                var runs = mask.Attribute("rle")!.Value.Split(',').Select(run => int.Parse(run, NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture)).ToList();
                RowRuns.Draw(labels, id, new(Number(mask, "left"), Number(mask, "top"), Number(mask, "width"), Number(mask, "height")), runs);
            }
        }

        return frames;
    }

    public void Write(Frame frame, TrackedFrame result)
    {
        var image = new XElement(
            "image", new XAttribute("id", frame.Index), new XAttribute("name", target.Source.FrameName(frame.Index)), new XAttribute("width", frame.Width), new XAttribute("height", frame.Height));
        foreach (var entry in result.Objects)
        {
            ids.Add(entry.Id);
            if (entry.Box is { } box)
            {
                image.Add(new XElement(
                    "mask",
                    new XAttribute("label", target.NameOf(entry.Id)),
                    new XAttribute("source", "auto"),
                    new XAttribute("occluded", 0),
                    new XAttribute("rle", string.Join(", ", RowRuns.Encode(result.Labels, (byte)entry.Id, box))),
                    new XAttribute("left", box.X),
                    new XAttribute("top", box.Y),
                    new XAttribute("width", box.Width),
                    new XAttribute("height", box.Height),
                    new XAttribute("z_order", 0),
                    new XAttribute("group_id", entry.Id)));
            }
        }

        frames++;
        parts.Append(Part, $"{image}\n");
    }

    public JsonObject Checkpoint()
    {
        var state = parts.Checkpoint();
        state["ids"] = new JsonArray([.. ids.Select(id => JsonValue.Create(id))]);
        state["frames"] = frames;
        return state;
    }

    public void Close()
    {
        var meta = new XElement(
            "meta",
            new XElement(
                "task",
                new XElement("name", "HqTrack"),
                new XElement("size", frames),
                new XElement("mode", "annotation"),
                new XElement("labels", ids.Select(target.NameOf).Distinct().Select(name => new XElement("label", new XElement("name", name), new XElement("type", "mask"), new XElement("attributes"))))));
        parts.Assemble(path, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n<version>1.1</version>\n", $"{meta}\n", Piece.Of(Part), "</annotations>\n");
    }

    public void Dispose() => parts.Dispose();
}
