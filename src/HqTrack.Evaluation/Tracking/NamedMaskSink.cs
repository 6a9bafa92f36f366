using HqTrack.Media;

namespace HqTrack.Evaluation.Tracking;

/// <summary>Masks under the names of a dataset's frames.</summary>
internal sealed class NamedMaskSink : IFrameSink
{
    private readonly string folder;
    private readonly IReadOnlyList<string> names;

    /// <summary>Makes the folder.</summary>
    /// <param name="folder">Gets NAME.png.</param>
    /// <param name="names">The name of each frame, by its index.</param>
    /// <exception cref="MediaException">The folder cannot be made.</exception>
    public NamedMaskSink(string folder, IReadOnlyList<string> names)
    {
        this.folder = folder;
        this.names = names;
        AtomicFile.CreateFolder(folder);
    }

    public void Write(Frame frame, LabelMap labels) => MaskFile.Write(Path.Combine(folder, names[frame.Index] + ".png"), labels);

    public void Dispose()
    {
    }
}
