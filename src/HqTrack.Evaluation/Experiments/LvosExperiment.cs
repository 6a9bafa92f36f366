using HqTrack.Evaluation.Lvos;
using HqTrack.Evaluation.Tracking;

namespace HqTrack.Evaluation.Experiments;

/// <summary>The experiment of LVOS: long videos, seen and unseen, with variability.</summary>
internal sealed class LvosExperiment(LvosDataset dataset, string root, string set, EvaluationOptions options) : IExperiment
{
    public string Kind => "LVOS";

    public string Root => root;

    public string Set => set;

    public int Frames => MaskPictures.Count(options.Choose([.. dataset.Sequences.Select(sequence => sequence.Video)]));

    public async Task<ExperimentResult> TrackAsync(IVideoTracker tracker, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var report = await new LvosEvaluation(tracker, options).RunAsync(dataset, progress, cancellationToken).ConfigureAwait(false);
        return Result(report.Scores, report.Timings, report.PeakMemoryMb);
    }

    public ExperimentResult Score(string results, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken) =>
        Result(LvosEvaluation.Score(dataset, results, progress, cancellationToken), [], null);

    public ScoredFrame? Picture(string sequence, string frame, string? results) => MaskPictures.Of(dataset.Sequences.First(entry => entry.Video.Name == sequence).Video, frame, results);

    private ExperimentResult Result(LvosScores scores, IReadOnlyList<SequenceTiming> timings, double? peakMemoryMb) => ExperimentResult.OfMasks(
        [
            ("j_and_f", scores.JAndF), ("j", scores.J.Mean), ("j_seen", scores.J.Seen), ("j_unseen", scores.J.Unseen),
            ("f", scores.F.Mean), ("f_seen", scores.F.Seen), ("f_unseen", scores.F.Unseen),
            ("v", scores.V.Mean), ("v_seen", scores.V.Seen), ("v_unseen", scores.V.Unseen),
        ],
        scores.Objects.Select(entry => entry.Score),
        timings,
        peakMemoryMb,
        [($"global_results-{Set}.csv", scores.GlobalCsv()), ($"per-sequence_results-{Set}.csv", scores.PerSequenceCsv())]);
}
