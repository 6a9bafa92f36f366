using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Tracking;
using HqTrack.Media;

namespace HqTrack.Evaluation.Scoring;

/// <summary>Masks that are on disk: RESULTS/SEQUENCE/NNNNN.png, named like the annotations.</summary>
internal static class ResultFolder
{
    /// <summary>Scores every sequence; a missing frame or one that does not fit stops everything, as in the official programs.</summary>
    /// <param name="sequences">The sequences.</param>
    /// <param name="scorer">Makes the scorer of a sequence.</param>
    /// <param name="results">Folder with one folder a sequence.</param>
    /// <param name="progress">Told after each sequence.</param>
    /// <param name="cancellationToken">Ends the run between two frames.</param>
    /// <exception cref="EvaluationException">A result is missing or does not fit its annotation.</exception>
    /// <exception cref="MediaException">A file cannot be read.</exception>
    public static IReadOnlyList<SequenceScore> Score(
        IReadOnlyList<VideoSequence> sequences,
        Func<VideoSequence, SequenceScorer> scorer,
        string results,
        IProgress<EvaluationProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (!Directory.Exists(results))
        {
            throw new EvaluationException($"the folder of results '{results}' does not exist, expected one folder a sequence in it; check the path.");
        }

        var scores = new List<SequenceScore>();
        foreach (var sequence in sequences)
        {
            scores.Add(Score(sequence, scorer(sequence), Path.Combine(results, sequence.Name), cancellationToken));
            progress?.Report(new(sequence.Name, scores.Count, sequences.Count, 1, 1));
        }

        return scores;
    }

    private static SequenceScore Score(VideoSequence sequence, SequenceScorer scorer, string folder, CancellationToken cancellationToken)
    {
        var missing = scorer.Annotations.FirstOrDefault(path => !File.Exists(Path.Combine(folder, Path.GetFileName(path))));
        if (missing is not null)
        {
            var frame = VideoSequence.FrameName(missing);
            throw new EvaluationException(
                $"{sequence.Name} frame {frame} not found: '{Path.Combine(folder, frame)}.png' does not exist, expected an indexed PNG for every frame that counts; write it.");
        }

        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        try
        {
            Parallel.ForEach(scorer.Annotations, options, path =>
                scorer.Add(VideoSequence.FrameName(path), IdMaskFile.Read(Path.Combine(folder, Path.GetFileName(path)), sequence.IsBinary)));
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is EvaluationException or MediaException))
        {
            throw new EvaluationException(e.InnerExceptions.Select(inner => inner.Message).Order(StringComparer.Ordinal).First(), e);
        }

        return scorer.Finish();
    }
}
