using HqTrack.Evaluation.Measures;
using HqTrack.Evaluation.Tracking;
using HqTrack.Evaluation.YouTubeVos;

namespace HqTrack.Evaluation.Experiments;

/// <summary>The experiment of YouTube-VOS and MOSE: objects that appear in any frame, seen and unseen categories.</summary>
internal sealed class YouTubeVosExperiment(YouTubeVosDataset dataset, string root, string set, EvaluationOptions options) : IExperiment
{
    public string Kind => "YouTube-VOS";

    public string Root => root;

    public string Set => set;

    public int Frames => MaskPictures.Count(options.Choose([.. dataset.Sequences.Select(sequence => sequence.Video)]));

    public async Task<ExperimentResult> TrackAsync(IVideoTracker tracker, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var report = await new YouTubeVosEvaluation(tracker, options).RunAsync(dataset, progress, cancellationToken).ConfigureAwait(false);
        return Result(report.Scores, report.Timings, report.PeakMemoryMb);
    }

    public ExperimentResult Score(string results, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken) =>
        Result(YouTubeVosEvaluation.Score(dataset, results, progress, cancellationToken), [], null);

    public ScoredFrame? Picture(string sequence, string frame, string? results) => MaskPictures.Of(dataset.Sequences.First(entry => entry.Video.Name == sequence).Video, frame, results);

    // Where no annotation is public there are masks to hand in and nothing to report.
    private static ExperimentResult Result(YouTubeVosScores? scores, IReadOnlyList<SequenceTiming> timings, double? peakMemoryMb)
    {
        if (scores is null)
        {
            return new([], [], timings, peakMemoryMb, []);
        }

        var objects = string.Concat(scores.Objects.Select(entry => $"{entry.Score.Name},{OfficialNumber.Csv(entry.Score.J.Mean)},{OfficialNumber.Csv(entry.Score.F.Mean)},{(entry.IsUnseen ? "unseen" : "seen")}\n"));
        return ExperimentResult.OfMasks(
            [("overall", scores.Overall), ("j_seen", scores.J.Seen), ("j_unseen", scores.J.Unseen), ("f_seen", scores.F.Seen), ("f_unseen", scores.F.Unseen)],
            scores.Objects.Select(entry => entry.Score),
            timings,
            peakMemoryMb,
            [("per-object_results.csv", "Object,J-Mean,F-Mean,Category\n" + objects)]);
    }
}
