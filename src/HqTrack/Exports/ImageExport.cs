using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>A file per frame, named by the frame's index.</summary>
internal sealed class ImageExport : IExport
{
    private readonly string folder;
    private readonly string extension;
    private readonly Func<Frame, TrackedFrame, byte[]> encode;

    /// <summary>Makes the folder.</summary>
    /// <exception cref="MediaException">It cannot be made.</exception>
    public ImageExport(ExportTarget target, string name, string extension, Func<Frame, TrackedFrame, byte[]> encode)
    {
        folder = target.PathOf(name);
        this.extension = extension;
        this.encode = encode;
        AtomicFile.CreateFolder(folder);
    }

    public void Write(Frame frame, TrackedFrame result) => AtomicFile.Write(Path.Combine(folder, $"{frame.Index:D5}.{extension}"), encode(frame, result));

    public JsonObject Checkpoint() => [];

    public void Close()
    {
    }

    public void Dispose()
    {
    }
}
