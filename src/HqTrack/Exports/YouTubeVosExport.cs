using System.Globalization;
using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>DIR/ytvos: Annotations/VIDEO/NNNNN.png and meta.json with the frames in which each object is seen, as YouTube-VOS lays them out.</summary>
internal sealed class YouTubeVosExport : IExport
{
    private readonly ExportTarget target;
    private readonly string folder;
    private readonly string video;
    private readonly PartFiles parts;

    /// <summary>Makes the folders.</summary>
    /// <exception cref="MediaException">They cannot be made.</exception>
    public YouTubeVosExport(ExportTarget target)
    {
        this.target = target;
        folder = target.PathOf("ytvos");
        var name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(target.Source.Name));
        video = name is "" or "-" ? "video" : name;
        parts = new(target, "ytvos");
        AtomicFile.CreateFolder(Path.Combine(folder, "Annotations", video));
    }

    public void Write(Frame frame, TrackedFrame result)
    {
        IndexedPng.Write(Path.Combine(folder, "Annotations", video, $"{frame.Index:D5}.png"), result.Labels);
        foreach (var entry in result.Objects.Where(entry => entry.Area > 0))
        {
            var part = entry.Id.ToString("D3", CultureInfo.InvariantCulture);
            parts.Append(part, $"{(parts.Length(part) == 0 ? string.Empty : ",")}\"{frame.Index:D5}\"");
        }
    }

    public JsonObject Checkpoint() => parts.Checkpoint();

    public void Close()
    {
        var pieces = new List<Piece> { $"{{\"videos\":{{{JsonValue.Create(video).ToJsonString(ExportJson.Options)}:{{\"objects\":{{" };
        foreach (var part in parts.Names)
        {
            var id = int.Parse(part, CultureInfo.InvariantCulture);
            var category = JsonValue.Create(target.Names.GetValueOrDefault(id, "object")).ToJsonString(ExportJson.Options);
            pieces.Add($"{(pieces.Count == 1 ? string.Empty : ",")}\n\"{id}\":{{\"category\":{category},\"frames\":[");
            pieces.Add(Piece.Of(part));
            pieces.Add("]}");
        }

        pieces.Add("}}}}\n");
        parts.Assemble(Path.Combine(folder, "meta.json"), pieces);
    }

    public void Dispose() => parts.Dispose();
}
