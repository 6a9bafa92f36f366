using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Scoring;
using HqTrack.Evaluation.Tracking;
using HqTrack.Media;

namespace HqTrack.Evaluation.Davis;

/// <summary>Scores as the semi-supervised evaluation of davis2017-evaluation does.</summary>
internal static class DavisResults
{
    /// <summary>Scores masks that are on disk, RESULTS/SEQUENCE/NNNNN.png; a missing frame or an id too many stops everything, as in the official program.</summary>
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
        CancellationToken cancellationToken = default) =>
        new(ResultFolder.Score(dataset.Sequences, sequence => Scorer(sequence, sequence.AnnotationPaths, parity), results, progress, cancellationToken));

    /// <summary>
    /// The rules: ids 1..n of the first annotation, n its highest; the first and the last annotated frame do not count; ids that the
    /// annotation shows only later, and void, are background.
    /// </summary>
    /// <param name="sequence">The sequence; its first annotation is read.</param>
    /// <param name="annotations">The annotations that take part, in order.</param>
    /// <param name="parity">Reproduce the official program's one-byte bins.</param>
    /// <exception cref="EvaluationException">Fewer than three annotations, of which none would count, or no object in the first.</exception>
    public static SequenceScorer Scorer(VideoSequence sequence, IReadOnlyList<string> annotations, bool parity = false)
    {
        if (annotations.Count < 3)
        {
            throw new EvaluationException($"sequence '{sequence.Name}' has {annotations.Count} annotated frames, expected at least 3: the first and the last do not count; leave the sequence out.");
        }

        int count = sequence.ReadAnnotation(annotations[0]).Ids.Max();
        IReadOnlyList<string> inner = [.. annotations.Skip(1).SkipLast(1)];
        return count > 0
            ? new(sequence, Enumerable.Range(1, count).Select(id => (id, inner)), count, parity)
            : throw new EvaluationException($"sequence '{sequence.Name}': the first annotation '{annotations[0]}' shows no object, expected ids from 1 on; leave the sequence out.");
    }
}
