using HqTrack.Media;

namespace HqTrack.Evaluation.Datasets;

/// <summary>
/// A folder of clips without a dataset's layout: each folder in it that holds images is a clip, and NAME.png beside it the mask of its
/// first frame. Nothing but names is read here.
/// </summary>
internal sealed record ClipFolder(IReadOnlyList<(string Name, string Frames, string Mask)> Clips)
{
    /// <summary>Lists the clips by name.</summary>
    /// <exception cref="EvaluationException">There is no clip, or one has no mask.</exception>
    public static ClipFolder Open(string root)
    {
        if (!Directory.Exists(root))
        {
            throw new EvaluationException($"the folder '{root}' does not exist, expected one with a folder of images a clip; check the path.");
        }

        var clips = Directory.GetDirectories(root)
            .Where(folder => Directory.EnumerateFiles(folder).Any(ImageFile.HasImageExtension))
            .Order(StringComparer.Ordinal)
            .Select(folder => (Name: Path.GetFileName(folder), Frames: folder, Mask: folder + ".png"))
            .ToArray();
        if (clips.Length == 0)
        {
            throw new EvaluationException($"'{root}' holds no clip, expected folders of JPEG, PNG or WebP images with the mask of the first frame beside each: NAME/ and NAME.png.");
        }

        var without = clips.FirstOrDefault(clip => !File.Exists(clip.Mask));
        return without.Name is null
            ? new(clips)
            : throw new EvaluationException($"clip '{without.Name}' has no mask: '{without.Mask}' does not exist, expected an indexed PNG with the objects of the first frame; draw it or move the clip away.");
    }
}
