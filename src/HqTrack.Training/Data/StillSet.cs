namespace HqTrack.Training.Data;

/// <summary>Still images with masks: <c>JPEGImages/NAME.jpg</c>, <c>Annotations/NAME.png</c>.</summary>
internal sealed record StillSet(string Name, IReadOnlyList<PictureFile> Files)
{
    /// <summary>The set in a folder, or null where it is none.</summary>
    public static StillSet? Find(string folder)
    {
        var files = Pairs.In(Path.Combine(folder, "JPEGImages"), Path.Combine(folder, "Annotations"));
        return files.Length > 0 ? new StillSet(Path.GetFileName(folder), files) : null;
    }
}
