using HqTrack.Evaluation.Datasets;
using HqTrack.Media;

namespace HqTrack.Evaluation.Davis;

/// <summary>Scores masks that are on disk: RESULTS/SEQUENCE/NNNNN.png, named like the annotations.</summary>
internal static class DavisResults
{
    /// <summary>Scores a whole set; a missing frame or an id too many stops everything, as in the official program.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="results">Folder with one folder a sequence.</param>
    /// <param name="parity">Reproduce the official program's one-byte bins.</param>
    /// <param name="progress">Told after each sequence.</param>
    /// <param name="cancellationToken">Ends the run between two frames.</param>
    /// <exception cref="EvaluationException">A result is missing or does not fit its annotation.</exception>
    /// <exception cref="MediaException">A file cannot be read.</exception>
    public static DavisScores Score(
        DavisDataset dataset,
        string results,
        bool parity = false,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(results))
        {
            throw new EvaluationException($"the folder of results '{results}' does not exist, expected one folder a sequence in it; check the path.");
        }

        var scores = new List<SequenceScore>();
        foreach (var sequence in dataset.Sequences)
        {
            scores.Add(ScoreSequence(sequence, Path.Combine(results, sequence.Name), parity, cancellationToken));
            progress?.Report(new(sequence.Name, scores.Count, dataset.Sequences.Count, 1, 1));
        }

        return new(scores);
    }

    private static SequenceScore ScoreSequence(VideoSequence sequence, string folder, bool parity, CancellationToken cancellationToken)
    {
        var scorer = new SequenceScorer(sequence, parity: parity);
        var missing = scorer.Annotations.FirstOrDefault(path => !File.Exists(Path.Combine(folder, Path.GetFileName(path))));
        if (missing is not null)
        {
            var frame = VideoSequence.FrameName(missing);
            throw new EvaluationException(
                $"{sequence.Name} frame {frame} not found: '{Path.Combine(folder, frame)}.png' does not exist, expected an indexed PNG for every annotated frame but the first and the last; write it.");
        }

        try
        {
            Parallel.ForEach(scorer.Annotations, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, path =>
                scorer.Add(VideoSequence.FrameName(path), IdMaskFile.Read(Path.Combine(folder, Path.GetFileName(path)), sequence.IsBinary)));
        }
        catch (AggregateException e) when (e.InnerExceptions.OrderBy(inner => inner.Message, StringComparer.Ordinal).First() is EvaluationException or MediaException)
        {
            throw new EvaluationException(e.InnerExceptions.OrderBy(inner => inner.Message, StringComparer.Ordinal).First().Message, e);
        }

        return scorer.Finish();
    }
}

/// <summary>How far an evaluation is.</summary>
/// <param name="Sequence">The sequence at hand.</param>
/// <param name="Finished">Sequences that are finished.</param>
/// <param name="Sequences">Sequences in all.</param>
/// <param name="Frame">Frames of this sequence that are finished.</param>
/// <param name="Frames">Frames of this sequence in all.</param>
internal readonly record struct EvaluationProgress(string Sequence, int Finished, int Sequences, int Frame, int Frames);
