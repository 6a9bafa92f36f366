using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Davis;
using HqTrack.Evaluation.Scoring;
using HqTrack.Evaluation.Tracking;

namespace HqTrack.Evaluation.Experiments;

/// <summary>The semi-supervised experiment of DAVIS 2016 and 2017.</summary>
internal sealed class DavisExperiment(DavisDataset dataset, DavisEvaluationOptions options) : IExperiment
{
    public string Kind => "DAVIS";

    public string Root => dataset.Root;

    public string Set => dataset.Set;

    public int Frames => options.Choose(dataset.Sequences).Sum(sequence => Math.Min((MaskPictures.Count([sequence]) + options.Every - 1) / options.Every, options.MaxFrames ?? int.MaxValue));

    public async Task<ExperimentResult> TrackAsync(IVideoTracker tracker, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var report = await new DavisEvaluation(tracker, options).RunAsync(dataset, progress, cancellationToken).ConfigureAwait(false);
        return Result(report.Scores, report.Timings, report.PeakMemoryMb);
    }

    public ExperimentResult Score(string results, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken) =>
        Result(new(ResultFolder.Score(options.Choose(dataset.Sequences), sequence => DavisResults.Scorer(sequence, sequence.AnnotationPaths, options.Parity), results, progress, cancellationToken)), [], null);

    public ScoredFrame? Picture(string sequence, string frame, string? results) => MaskPictures.Of(dataset.Sequences.First(entry => entry.Name == sequence), frame, results);

    private ExperimentResult Result(DavisScores scores, IReadOnlyList<SequenceTiming> timings, double? peakMemoryMb) => ExperimentResult.OfMasks(
        [
            ("j_and_f", scores.JAndF), ("j", scores.J.Mean), ("j_recall", scores.J.Recall), ("j_decay", scores.J.Decay),
            ("f", scores.F.Mean), ("f_recall", scores.F.Recall), ("f_decay", scores.F.Decay),
        ],
        scores.Objects,
        timings,
        peakMemoryMb,
        [($"global_results-{Set}.csv", DavisCsv.Global(scores)), ($"per-sequence_results-{Set}.csv", DavisCsv.PerSequence(scores))]);
}
