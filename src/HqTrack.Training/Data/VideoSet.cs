namespace HqTrack.Training.Data;

/// <summary>Videos in DAVIS layout: <c>JPEGImages/480p/SEQUENCE</c>, <c>Annotations/480p/SEQUENCE</c>, or without the 480p.</summary>
internal sealed record VideoSet(string Name, IReadOnlyList<PictureFile[]> Sequences)
{
    // Where the release's own lists are there, only its training sequences are taken: the whole of DAVIS lies in one folder.
    private static readonly string[] TrainLists = ["ImageSets/2017/train.txt", "ImageSets/2016/train.txt"];

    /// <summary>The set in a folder below the root, or null where there is none.</summary>
    public static VideoSet? Find(string root, string folder)
    {
        var home = folder == "." ? root : Path.Combine(root, folder);
        foreach (var resolution in (string[])["480p", "Full-Resolution", "."])
        {
            var (images, masks) = (Path.Combine(home, "JPEGImages", resolution), Path.Combine(home, "Annotations", resolution));
            if (!Directory.Exists(images) || !Directory.Exists(masks))
            {
                continue;
            }

            var listed = ListedForTraining(home);
            var sequences = Directory.GetDirectories(images)
                .Select(path => Path.GetFileName(path))
                .Where(name => listed?.Contains(name) ?? true)
                .Order(StringComparer.Ordinal)
                .Select(name => Pairs.In(Path.Combine(images, name), Path.Combine(masks, name)))
                .Where(frames => frames.Length > 0)
                .ToArray();
            if (sequences.Length > 0)
            {
                return new VideoSet(folder == "." ? Path.GetFileName(home) : folder, sequences);
            }
        }

        return null;
    }

    private static HashSet<string>? ListedForTraining(string home)
    {
        var list = TrainLists.Select(name => Path.Combine(home, name)).FirstOrDefault(File.Exists);
        return list is null ? null : [.. File.ReadLines(list).Select(line => line.Trim()).Where(line => line.Length > 0)];
    }
}
