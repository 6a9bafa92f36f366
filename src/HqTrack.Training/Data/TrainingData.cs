using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>How often each kind of clip is drawn; kinds without data are left out and the others share.</summary>
/// <param name="Videos">Real video, default 0.5.</param>
/// <param name="Stills">Pseudo-clips of still images, default 0.4.</param>
/// <param name="Scenes">Rendered scenes, default 0.1.</param>
/// <param name="MaxGap">Most frames between two of a clip of real video, default 10.</param>
internal sealed record ClipMix(float Videos = 0.5f, float Stills = 0.4f, float Scenes = 0.1f, int MaxGap = 10);

/// <summary>
/// The training material below a folder: <c>davis2016/train</c> (or <c>davis2017/train</c>) in DAVIS layout and <c>static/*</c> with
/// <c>JPEGImages</c> and <c>Annotations</c>, or one such folder itself. Nothing else is looked at, and folders meant for evaluation
/// are refused, so that no sequence a model is judged by can be trained on.
/// </summary>
internal sealed class TrainingData
{
    private static readonly string[] VideoFolders = ["davis2016/train", "davis2017/train"];
    private static readonly string[] EvaluationFolders = ["val-dev", "multi-dev", "val", "test", "test-dev", "test-challenge"];

    private TrainingData(IReadOnlyList<VideoSet> videos, IReadOnlyList<StillSet> stills) => (Videos, Stills) = (videos, stills);

    public IReadOnlyList<VideoSet> Videos { get; }

    public IReadOnlyList<StillSet> Stills { get; }

    /// <summary>Finds the material. Files are listed, not read.</summary>
    /// <exception cref="MediaException">The folder is missing, holds no training material, or is meant for evaluation.</exception>
    public static TrainingData Open(string root)
    {
        if (!Directory.Exists(root))
        {
            throw new MediaException($"the training data folder '{root}' does not exist, expected one with davis2016/train or static/*; check the path.");
        }

        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        if (full.Split(Path.DirectorySeparatorChar).Intersect(EvaluationFolders, StringComparer.OrdinalIgnoreCase).FirstOrDefault() is { } evaluation)
        {
            throw new MediaException($"'{root}' lies in '{evaluation}', a folder for evaluation, expected training data; choose a folder whose sequences no score is taken on.");
        }

        var videos = VideoFolders.Prepend(".").Select(folder => VideoSet.Find(full, folder)).OfType<VideoSet>().ToList();
        var statics = Path.Combine(full, "static");
        var folders = Directory.Exists(statics) ? Directory.GetDirectories(statics).Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
        var stills = folders.Prepend(full).Select(StillSet.Find).OfType<StillSet>().ToList();
        return videos.Count + stills.Count > 0
            ? new TrainingData(videos, stills)
            : throw new MediaException(
                $"'{root}' holds no training data, expected davis2016/train (JPEGImages/480p/<sequence>, Annotations/480p/<sequence>) or static/<set> (JPEGImages, Annotations), or one of these itself.");
    }

    /// <summary>A source over all material.</summary>
    /// <param name="mix">The kinds' weights.</param>
    /// <param name="cache">Where decoded pictures are kept.</param>
    /// <param name="scenes">Rendered scenes, or null for none.</param>
    /// <exception cref="MediaException">The mix draws from nothing that is there.</exception>
    public MixedClipSource CreateSource(ClipMix mix, PictureCache cache, IClipSource? scenes = null)
    {
        var videos = Videos.Select(set => new VideoFootage(set.Name, set.Sequences, cache, mix.MaxGap)).ToArray();
        var stills = Stills.Select(set => new StillFootage(set.Name, set.Files, cache)).ToArray();
        var pasted = new CutOutMaker([.. videos, .. stills]);
        return Mixed(
            mix, videos.Select(footage => (IClipSource)new DavisClipSource(footage, pasted)), stills.Select(footage => (IClipSource)new StaticClipSource(footage, pasted)), scenes);
    }

    /// <summary>A source of single images over all material, for networks that see no more than one (<see cref="WholeImageSource"/>).</summary>
    /// <param name="mix">The kinds' weights.</param>
    /// <param name="cache">Where decoded pictures are kept.</param>
    /// <param name="scenes">Rendered scenes, or null for none.</param>
    /// <param name="zoomShare">Share of the images that show what is around one object, 0..1.</param>
    /// <exception cref="MediaException">The mix draws from nothing that is there.</exception>
    public MixedClipSource CreateImageSource(ClipMix mix, PictureCache cache, IClipSource? scenes = null, float zoomShare = 0)
    {
        var videos = Videos.Select(set => new VideoFootage(set.Name, set.Sequences, cache, mix.MaxGap)).ToArray();
        var stills = Stills.Select(set => new StillFootage(set.Name, set.Files, cache)).ToArray();
        var pasted = new CutOutMaker([.. videos, .. stills]);
        return Mixed(
            mix, videos.Select(footage => (IClipSource)new WholeImageSource(footage, pasted, zoomShare)), stills.Select(footage => (IClipSource)new WholeImageSource(footage, pasted, zoomShare)), scenes);
    }

    private MixedClipSource Mixed(ClipMix mix, IEnumerable<IClipSource> videos, IEnumerable<IClipSource> stills, IClipSource? scenes)
    {
        var parts = new List<(IClipSource, float)>();
        parts.AddRange(videos.Select(source => (source, mix.Videos / Videos.Count)));
        parts.AddRange(stills.Select(source => (source, mix.Stills / Stills.Count)));
        if (scenes is not null)
        {
            parts.Add((scenes, mix.Scenes));
        }

        return parts.Any(part => part.Item2 > 0)
            ? new MixedClipSource(parts)
            : throw new MediaException(
                FormattableString.Invariant($"the mix (videos {mix.Videos}, stills {mix.Stills}, scenes {mix.Scenes}) draws from nothing in the training data ({Videos.Count} sets of videos, {Stills.Count} of stills); raise the weight of what is there."));
    }
}
