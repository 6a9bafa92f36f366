using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Scoring;
using HqTrack.Evaluation.Tracking;
using HqTrack.Media;

namespace HqTrack.Evaluation.YouTubeVos;

/// <summary>The experiment of YouTube-VOS: the mask of each object in the first frame that shows it. Sets whose annotation is not public are tracked only.</summary>
internal sealed class YouTubeVosEvaluation(IVideoTracker tracker, EvaluationOptions? options = null)
{
    private readonly EvaluationOptions options = options ?? new();

    /// <summary>Scores masks that are on disk, RESULTS/VIDEO/NNNNN.png.</summary>
    /// <exception cref="EvaluationException">The annotation is not there, or a result is missing or does not fit it.</exception>
    /// <exception cref="MediaException">A file cannot be read.</exception>
    public static YouTubeVosScores Score(YouTubeVosDataset dataset, string results, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var scorers = dataset.Sequences.Select(sequence => (sequence.Video, Scorer: Scorer(sequence))).Where(entry => entry.Scorer is not null).ToDictionary(entry => entry.Video, entry => entry.Scorer!);
        return scorers.Count > 0
            ? Join(dataset, ResultFolder.Score([.. scorers.Keys], video => scorers[video], results, progress, cancellationToken))
            : throw new EvaluationException("the dataset annotates no frame but those where masks are given, so nothing can be scored here; submit the masks to the dataset's evaluation server.");
    }

    /// <summary>Tracks a dataset, and scores what is annotated.</summary>
    /// <exception cref="EvaluationException">The dataset does not fit; the message names the sequence and file.</exception>
    /// <exception cref="MediaException">A frame cannot be read or a mask not written; the message names the sequence.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; masks written so far stay valid.</exception>
    public async Task<YouTubeVosReport> RunAsync(YouTubeVosDataset dataset, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var byVideo = dataset.Sequences.ToDictionary(sequence => sequence.Video);
        var run = await new DatasetTracker(tracker, options.Resume).RunAsync(
            options.Choose([.. byVideo.Keys]),
            video => AppearingObjects.Plan(video, byVideo[video].Objects.Select(entry => (entry.Id, entry.Frames[0])), Scorer(byVideo[video]), options.OutputFolder),
            progress,
            cancellationToken).ConfigureAwait(false);
        return new(run.Scores.Count > 0 ? Join(dataset, run.Scores) : null, run.Timings, run.PeakMemoryMb);
    }

    // The frames after the first; null where none is annotated.
    private static SequenceScorer? Scorer(YouTubeVosSequence sequence)
    {
        var objects = sequence.Objects
            .Select(entry => (entry.Id, Annotations: (IReadOnlyList<string>)[.. entry.Frames.Skip(1).Select(name => Path.Combine(sequence.Video.AnnotationFolder, name + ".png")).Where(File.Exists)]))
            .Where(entry => entry.Annotations.Count > 0)
            .ToArray();
        return objects.Length > 0 ? new(sequence.Video, objects) : null;
    }

    private static YouTubeVosScores Join(YouTubeVosDataset dataset, IReadOnlyList<SequenceScore> scores)
    {
        var unseen = dataset.Sequences.SelectMany(sequence => sequence.Objects.Where(entry => entry.IsUnseen).Select(entry => (sequence.Video.Name, entry.Id))).ToHashSet();
        return new([.. scores.SelectMany(sequence => sequence.Objects.Select(score => (score, unseen.Contains((sequence.Name, score.Id)))))]);
    }
}

/// <summary>Result of tracking YouTube-VOS.</summary>
/// <param name="Scores">The scores, fractions of 1; null where no annotation is public.</param>
/// <param name="Timings">Time per sequence.</param>
/// <param name="PeakMemoryMb">Most memory of the process so far, in MB of 2^20 bytes.</param>
internal sealed record YouTubeVosReport(YouTubeVosScores? Scores, IReadOnlyList<SequenceTiming> Timings, double PeakMemoryMb)
{
    /// <summary>Frames tracked per second over all sequences.</summary>
    public double FramesPerSecond => SequenceTiming.FramesPerSecond(Timings);
}
