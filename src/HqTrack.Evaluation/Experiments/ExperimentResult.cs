using HqTrack.Evaluation.Scoring;
using HqTrack.Evaluation.Tracking;
using HqTrack.Evaluation.Vot;
using HqTrack.Media;

namespace HqTrack.Evaluation.Experiments;

/// <summary>What an experiment gave, in one form for every dataset.</summary>
/// <param name="Totals">The dataset's scores by their names in JSON, fractions of 1, the most important one first; null without a value.</param>
/// <param name="Sequences">Each sequence that is scored.</param>
/// <param name="Timings">Time per sequence; empty where results were scored.</param>
/// <param name="PeakMemoryMb">Most memory of the process, in MB of 2^20 bytes; null where results were scored.</param>
/// <param name="Files">Tables as the official programs write them: name and text.</param>
internal sealed record ExperimentResult(
    IReadOnlyList<KeyValuePair<string, double?>> Totals,
    IReadOnlyList<SequenceResult> Sequences,
    IReadOnlyList<SequenceTiming> Timings,
    double? PeakMemoryMb,
    IReadOnlyList<KeyValuePair<string, string>> Files)
{
    /// <summary>Number of objects.</summary>
    public int Objects => Sequences.Sum(sequence => sequence.Curves.Count);

    /// <summary>Frames per second; null where nothing was tracked.</summary>
    public double? FramesPerSecond => Timings.Any(timing => timing.Frames > 0) ? SequenceTiming.FramesPerSecond([.. Timings]) : null;

    /// <summary>
    /// Area under the quality plot: the mean overlap, over an object's frames that count, then objects, then sequences, as VOTS weighs them.
    /// Which frames count is the dataset's rule.
    /// </summary>
    public double Quality => Sequences.Count == 0 ? double.NaN : Sequences.Average(sequence => sequence.Curves.Average(curve => curve.Mean));

    /// <summary>Share of the frames whose overlap is above each of VOTS's thresholds, weighed like <see cref="Quality"/>.</summary>
    public IReadOnlyList<double> QualityPlot =>
        [.. VotScores.Thresholds.Select(threshold => Sequences.Count == 0 ? double.NaN : Sequences.Average(sequence => sequence.Curves.Average(curve => curve.ShareAbove(threshold))))];

    /// <summary>A total by its name.</summary>
    public double? Total(string name) => Totals.FirstOrDefault(total => total.Key == name).Value;

    /// <summary>Takes over scores of masks.</summary>
    public static ExperimentResult OfMasks(
        IEnumerable<(string Name, double Value)> totals,
        IEnumerable<ObjectScore> objects,
        IReadOnlyList<SequenceTiming> timings,
        double? peakMemoryMb,
        IEnumerable<(string Name, string Text)> files) => new(
        [.. totals.Select(total => new KeyValuePair<string, double?>(total.Name, total.Value))],
        [.. objects.GroupBy(score => score.Name[..score.Name.LastIndexOf('_')], StringComparer.Ordinal).Select(sequence => SequenceResult.Of(sequence.Key, [.. sequence]))],
        timings,
        peakMemoryMb,
        [.. files.Select(file => new KeyValuePair<string, string>(file.Name, file.Text))]);
}

/// <summary>One sequence.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Scores">Its scores by their names in JSON, means over its objects; the most important one first.</param>
/// <param name="Curves">Overlap over time of each object.</param>
internal sealed record SequenceResult(string Name, IReadOnlyList<KeyValuePair<string, double?>> Scores, IReadOnlyList<OverlapCurve> Curves)
{
    /// <summary>Takes over scores of masks.</summary>
    public static SequenceResult Of(string name, IReadOnlyList<ObjectScore> objects)
    {
        var (j, f) = (objects.Average(score => score.J.Mean), objects.Average(score => score.F.Mean));
        return new(name, [new("j_and_f", (j + f) / 2), new("j", j), new("f", f)], [.. objects.Select(score => new OverlapCurve($"{score.Id}", score.Frames, score.FrameJ))]);
    }
}

/// <summary>An object's overlap with its annotation in the frames that count.</summary>
/// <param name="Object">The object's id.</param>
/// <param name="Frames">Names of the frames.</param>
/// <param name="Values">Intersection over union of each.</param>
internal sealed record OverlapCurve(string Object, IReadOnlyList<string> Frames, IReadOnlyList<double> Values)
{
    /// <summary>Mean overlap, 0 without a frame.</summary>
    public double Mean => Values.Count == 0 ? 0 : Values.Average();

    /// <summary>Share of the frames above a threshold, at 1 of those that reach it.</summary>
    public double ShareAbove(double threshold) => Values.Count == 0 ? 0 : (double)Values.Count(value => threshold == 1 ? value >= 1 : value > threshold) / Values.Count;
}

/// <summary>A frame, its annotation and its result.</summary>
internal sealed record ScoredFrame(Frame Image, LabelMap Truth, LabelMap Result);
