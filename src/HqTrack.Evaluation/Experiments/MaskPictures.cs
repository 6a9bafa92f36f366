using HqTrack.Evaluation.Datasets;

namespace HqTrack.Evaluation.Experiments;

/// <summary>Pictures of datasets whose results are masks, RESULTS/SEQUENCE/NNNNN.png.</summary>
internal static class MaskPictures
{
    /// <summary>A frame with its annotation and its result; null where one of them is not on disk.</summary>
    public static ScoredFrame? Of(VideoSequence sequence, string frame, string? results)
    {
        var (truth, result) = (Path.Combine(sequence.AnnotationFolder, frame + ".png"), Path.Combine(results ?? string.Empty, sequence.Name, frame + ".png"));
        var image = Directory.Exists(sequence.FrameFolder) ? sequence.FramePaths.FirstOrDefault(path => VideoSequence.FrameName(path) == frame) : null;
        return results is null || image is null || !File.Exists(truth) || !File.Exists(result)
            ? null
            : new(Media.ImageFile.Read(image), sequence.ReadAnnotation(truth), IdMaskFile.Read(result));
    }

    /// <summary>Frames of the chosen sequences.</summary>
    public static int Count(IEnumerable<VideoSequence> sequences) =>
        sequences.Sum(sequence => Directory.Exists(sequence.FrameFolder) ? sequence.FramePaths.Count : 0);
}
