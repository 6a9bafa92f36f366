using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Scoring;
using HqTrack.Media;

namespace HqTrack.Evaluation.Tracking;

/// <summary>Runs of datasets whose objects appear in any frame: each is pointed out where it first shows.</summary>
internal static class AppearingObjects
{
    /// <summary>Plans a sequence from the first frame that shows an object on.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="starts">Each object's id and the name of the frame where its mask is given.</param>
    /// <param name="scorer">Scores the frames that count; null for none.</param>
    /// <param name="output">Gets SEQUENCE/NNNNN.png; null writes nothing.</param>
    /// <exception cref="EvaluationException">A frame with a mask has no image, or the annotation does not show the object there.</exception>
    public static SequenceRun Plan(VideoSequence sequence, IEnumerable<(int Id, string Frame)> starts, SequenceScorer? scorer, string? output)
    {
        var byFrame = starts.GroupBy(entry => entry.Frame, entry => entry.Id, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        IReadOnlyList<string> frames = [.. sequence.FramePaths.SkipWhile(path => !byFrame.ContainsKey(VideoSequence.FrameName(path)))];
        var prompts = new Dictionary<int, Prompt>();
        for (var i = 0; i < frames.Count; i++)
        {
            if (byFrame.Remove(VideoSequence.FrameName(frames[i]), out var ids))
            {
                prompts[i] = Prompt.Mask(Only(sequence, frames[i], ids));
            }
        }

        return byFrame.Count == 0
            ? new(sequence, frames, prompts, scorer, output)
            : throw new EvaluationException(
                $"sequence '{sequence.Name}': frame {byFrame.Keys.Order(StringComparer.Ordinal).First()}, where an object is pointed out, has no image in '{sequence.FrameFolder}'; expected images and annotations of the same names.");
    }

    private static LabelMap Only(VideoSequence sequence, string frame, int[] ids)
    {
        var path = Path.Combine(sequence.AnnotationFolder, VideoSequence.FrameName(frame) + ".png");
        var labels = sequence.ReadAnnotation(path);
        var absent = ids.Except(labels.ObjectIds()).FirstOrDefault();
        if (absent > 0)
        {
            throw new EvaluationException($"sequence '{sequence.Name}': '{path}' does not show object {absent}, which the meta file says starts there; check the dataset.");
        }

        return new([.. labels.Ids.Select(id => ids.Contains(id) ? id : (byte)0)], labels.Width, labels.Height);
    }
}
