using System.Globalization;
using HqTrack.Evaluation.Measures;
using HqTrack.Evaluation.Tracking;
using HqTrack.Evaluation.Vot;
using HqTrack.Media;

namespace HqTrack.Evaluation.Experiments;

/// <summary>The experiment of VOTS in a workspace of the VOT toolkit; results stay in the workspace, where the toolkit reads them too.</summary>
internal sealed class VotExperiment(VotWorkspace workspace, string tracker, EvaluationOptions options) : IExperiment
{
    private const string Experiment = "baseline";

    public string Kind => "VOTS";

    public string Root => workspace.Root;

    public string Set => Experiment;

    public int Frames => workspace.Sequences.Sum(sequence => sequence.Length);

    public async Task<ExperimentResult> TrackAsync(IVideoTracker tracking, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var report = await new VotEvaluation(tracking, tracker, options).RunAsync(workspace, progress, cancellationToken).ConfigureAwait(false);
        return Result(report.Scores, report.Timings, report.PeakMemoryMb);
    }

    public ExperimentResult Score(string results, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var own = Path.GetFullPath(Path.Combine(workspace.Root, "results", tracker));
        return Path.GetFullPath(results).TrimEnd(Path.DirectorySeparatorChar) == own
            ? Result(VotScores.Score(workspace, tracker, Experiment, progress: progress, cancellationToken: cancellationToken), [], null)
            : throw new EvaluationException($"'{results}' is not a tracker's folder of this workspace, expected '{own}'; results belong into the workspace, with --tracker NAME.");
    }

    public ScoredFrame? Picture(string sequence, string frame, string? results)
    {
        var entry = workspace.Sequences.First(candidate => candidate.Name == sequence);
        var index = int.Parse(frame, CultureInfo.InvariantCulture) - 1;
        if (results is null || index >= entry.FramePaths.Count || !File.Exists(entry.FramePaths[index]))
        {
            return null;
        }

        var (truth, result) = (new LabelMap(entry.Size.Width, entry.Size.Height), new LabelMap(entry.Size.Width, entry.Size.Height));
        for (var i = 0; i < entry.Objects.Count && i < LabelMap.MaxId; i++)
        {
            LabelRegions.Draw(entry.Groundtruth(entry.Objects[i])[index], truth, (byte)(i + 1));
            LabelRegions.Draw(workspace.Result(tracker, Experiment, entry, entry.Objects[i])[index], result, (byte)(i + 1));
        }

        return new(ImageFile.Read(entry.FramePaths[index]), truth, result);
    }

    private static ExperimentResult Result(VotScores scores, IReadOnlyList<SequenceTiming> timings, double? peakMemoryMb)
    {
        var rows = scores.Sequences.Select(sequence => string.Join(',', [sequence.Name, .. Values(sequence).Select(value => value.Value is { } number ? OfficialNumber.Csv(number) : string.Empty)]));
        return new(
            [
                new("quality", scores.Quality), new("accuracy", scores.Accuracy), new("robustness", scores.Robustness),
                new("nre", scores.Nre), new("dre", scores.Dre), new("adq", scores.Adq),
            ],
            [.. scores.Sequences.Select(sequence => new SequenceResult(sequence.Name, Values(sequence), [.. sequence.Objects.Select(Curve)]))],
            timings,
            peakMemoryMb,
            [new("per-sequence_results.csv", "Sequence,Quality,Accuracy,Robustness,NRE,DRE,ADQ\n" + string.Concat(rows.Select(row => row + "\n")))]);
    }

    private static KeyValuePair<string, double?>[] Values(VotSequenceScore sequence) =>
    [
        new("quality", sequence.Quality), new("accuracy", sequence.Accuracy), new("robustness", sequence.Robustness),
        new("nre", sequence.Nre), new("dre", sequence.Dre), new("adq", sequence.Adq),
    ];

    private static OverlapCurve Curve(VotObjectScore score)
    {
        var frames = OverlapFrames.Quality.Select(score.Predicted, score.Truth, score.Overlaps);
        return new(score.Id, [.. frames.Select(i => $"{i + 1:D8}")], [.. frames.Select(i => score.Overlaps[i])]);
    }
}
