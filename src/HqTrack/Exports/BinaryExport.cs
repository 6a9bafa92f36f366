using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>DIR/binary/ID/NNNNN.png: greyscale PNGs, 255 where the object is and 0 elsewhere, for every frame in which it is tracked.</summary>
internal sealed class BinaryExport : IExport
{
    private readonly string folder;

    /// <summary>Makes the folder.</summary>
    /// <exception cref="MediaException">It cannot be made.</exception>
    public BinaryExport(ExportTarget target)
    {
        folder = target.PathOf("binary");
        AtomicFile.CreateFolder(folder);
    }

    /// <summary>Reads a folder that this export wrote: the frames by index.</summary>
    /// <exception cref="MediaException">A file is damaged or of another size.</exception>
    public static SortedDictionary<int, LabelMap> Read(string folder)
    {
        var frames = new SortedDictionary<int, LabelMap>();
        foreach (var (id, index, path) in ObjectFolders.List(folder))
        {
            var mask = IndexedPng.Read(path);
            ObjectFolders.Put(frames, index, mask.Width, mask.Height, id, pixel => mask.Ids[pixel] != 0);
        }

        return frames;
    }

    public void Write(Frame frame, TrackedFrame result)
    {
        foreach (var entry in result.Objects)
        {
            var mask = new LabelMap([.. result.Labels.Ids.Select(id => id == entry.Id ? (byte)255 : (byte)0)], result.Labels.Width, result.Labels.Height);
            AtomicFile.Write(Path.Combine(folder, $"{entry.Id}", $"{frame.Index:D5}.png"), IndexedPng.EncodeGrey(mask));
        }
    }

    public JsonObject Checkpoint() => [];

    public void Close()
    {
    }

    public void Dispose()
    {
    }
}
