using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Scoring;
using HqTrack.Evaluation.Tracking;
using HqTrack.Media;

namespace HqTrack.Evaluation.Lvos;

/// <summary>The experiment of LVOS: the mask of each object in the first frame that shows it; its other annotated frames but the last count.</summary>
internal sealed class LvosEvaluation(IVideoTracker tracker, EvaluationOptions? options = null)
{
    private readonly EvaluationOptions options = options ?? new();

    /// <summary>Scores masks that are on disk, RESULTS/SEQUENCE/NNNNNNNN.png.</summary>
    /// <exception cref="EvaluationException">A result is missing or does not fit its annotation.</exception>
    /// <exception cref="MediaException">A file cannot be read.</exception>
    public static LvosScores Score(LvosDataset dataset, string results, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var byVideo = dataset.Sequences.ToDictionary(sequence => sequence.Video);
        var scores = ResultFolder.Score([.. byVideo.Keys], video => Scorer(byVideo[video]), results, progress, cancellationToken);
        return Join(dataset, scores);
    }

    /// <summary>Tracks and scores a dataset.</summary>
    /// <exception cref="EvaluationException">The dataset does not fit; the message names the sequence and file.</exception>
    /// <exception cref="MediaException">A frame cannot be read or a mask not written; the message names the sequence.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; masks written so far stay valid.</exception>
    public async Task<LvosReport> RunAsync(LvosDataset dataset, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var byVideo = dataset.Sequences.ToDictionary(sequence => sequence.Video);
        var run = await new DatasetTracker(tracker, options.Resume).RunAsync(
            options.Choose([.. byVideo.Keys]),
            video => AppearingObjects.Plan(
                video,
                byVideo[video].Objects.Select(entry => (entry.Id, entry.Frames().First())),
                Scorer(byVideo[video]),
                options.OutputFolder),
            progress,
            cancellationToken).ConfigureAwait(false);
        return new(Join(dataset, run.Scores), run.Timings, run.PeakMemoryMb);
    }

    private static SequenceScorer Scorer(LvosSequence sequence) => new(sequence.Video, sequence.Objects.Select(entry =>
    {
        var paths = entry.Frames().Select(name => Path.Combine(sequence.Video.AnnotationFolder, name + ".png")).ToArray();
        var missing = paths.FirstOrDefault(path => !File.Exists(path));
        if (missing is not null || paths.Length < 3)
        {
            throw new EvaluationException(missing is null
                ? $"sequence '{sequence.Video.Name}': object {entry.Id} is annotated in {paths.Length} frames, expected at least 3: the first and the last do not count; check the meta file."
                : $"sequence '{sequence.Video.Name}': the annotation '{missing}' of object {entry.Id} does not exist; complete the dataset.");
        }

        return (entry.Id, (IReadOnlyList<string>)paths[1..^1]);
    }));

    private static LvosScores Join(LvosDataset dataset, IReadOnlyList<SequenceScore> scores)
    {
        var unseen = dataset.Sequences.Where(sequence => sequence.IsUnseen).Select(sequence => sequence.Video.Name).ToHashSet(StringComparer.Ordinal);
        return new([.. scores.SelectMany(sequence => sequence.Objects.Select(score => (score, unseen.Contains(sequence.Name))))]);
    }
}

/// <summary>Result of tracking and scoring LVOS.</summary>
/// <param name="Scores">The scores, fractions of 1.</param>
/// <param name="Timings">Time per sequence.</param>
/// <param name="PeakMemoryMb">Most memory of the process so far, in MB of 2^20 bytes.</param>
internal sealed record LvosReport(LvosScores Scores, IReadOnlyList<SequenceTiming> Timings, double PeakMemoryMb)
{
    /// <summary>Frames tracked per second over all sequences.</summary>
    public double FramesPerSecond => SequenceTiming.FramesPerSecond(Timings);
}
