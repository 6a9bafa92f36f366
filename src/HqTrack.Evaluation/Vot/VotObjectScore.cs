namespace HqTrack.Evaluation.Vot;

/// <summary>One object's run, measured.</summary>
/// <param name="Id">The object.</param>
/// <param name="Predicted">Results, a region a frame.</param>
/// <param name="Truth">Annotation, a region a frame.</param>
/// <param name="Overlaps">Their overlaps.</param>
/// <param name="Counts">Frames by outcome.</param>
internal sealed record VotObjectScore(string Id, IReadOnlyList<Region> Predicted, IReadOnlyList<Region> Truth, IReadOnlyList<double> Overlaps, FrameCounts Counts)
{
    /// <summary>Mean overlap of the chosen frames; null where there are none.</summary>
    public double? MeanOverlap(OverlapFrames frames)
    {
        var chosen = frames.Select(Predicted, Truth, Overlaps);
        return chosen.Count == 0 ? null : chosen.Average(i => Overlaps[i]);
    }

    /// <summary>Mean overlap, 0 where no frame counts.</summary>
    public double Quality => MeanOverlap(OverlapFrames.Quality) ?? 0;

    /// <summary>Mean overlap while the object is tracked, 0 where it never is.</summary>
    public double Accuracy => MeanOverlap(OverlapFrames.Accuracy) ?? 0;

    /// <summary>Share of the frames that show the object in which it is tracked.</summary>
    public double? Robustness => Share(Counts.Tracked);

    /// <summary>Non-reported error: share of them in which the tracker gave no answer.</summary>
    public double? Nre => Share(Counts.Missed);

    /// <summary>Drift-rate error: share of them in which the tracker was elsewhere.</summary>
    public double? Dre => Share(Counts.Failed);

    /// <summary>Absence-detection quality: share of the frames without the object in which the tracker noticed; only where there are more than 10.</summary>
    public double? Adq => Counts.Absent > VotScores.AbsenceThreshold ? (double)Counts.Noticed / Counts.Absent : null;

    /// <summary>Share of the frames with an overlap above each threshold (at 1: of at least 1); null where no frame counts.</summary>
    public double[]? QualityPlot(IReadOnlyList<double> thresholds)
    {
        var overlaps = OverlapFrames.Quality.Select(Predicted, Truth, Overlaps).Select(i => Overlaps[i]).ToArray();
        return overlaps.Length == 0
            ? null
            : [.. thresholds.Select(threshold => (double)overlaps.Count(overlap => threshold == 1 ? overlap >= 1 : overlap > threshold) / overlaps.Length)];
    }

    /// <summary>Measures a run.</summary>
    /// <param name="id">The object.</param>
    /// <param name="predicted">Results, a region a frame.</param>
    /// <param name="truth">Annotation, a region a frame.</param>
    /// <param name="size">Size of the frames.</param>
    /// <param name="ignored">Regions to leave out, a frame each, or null.</param>
    public static VotObjectScore Of(string id, IReadOnlyList<Region> predicted, IReadOnlyList<Region> truth, (int Width, int Height) size, IReadOnlyList<Region>? ignored)
    {
        var overlaps = new double[truth.Count];
        Parallel.For(0, overlaps.Length, new() { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            overlaps[i] = RegionOverlap.Of(predicted[i], truth[i], size, ignored?[i]));
        return new(id, predicted, truth, overlaps, FrameCounts.Of(predicted, truth, overlaps));
    }

    private double? Share(int frames) => Counts.Present > 0 ? (double)frames / Counts.Present : null;
}
