using HqTrack.Evaluation.Tracking;

namespace HqTrack.Evaluation.Vot;

/// <summary>A tracker's VOTS scores, as the VOT toolkit computes them: means over a sequence's objects, then over sequences.</summary>
/// <param name="Tracker">The tracker's name.</param>
/// <param name="Sequences">Its runs.</param>
internal sealed record VotScores(string Tracker, IReadOnlyList<VotSequenceScore> Sequences)
{
    /// <summary>Frames without the object that it takes, and more, for <see cref="Adq"/> to have a value.</summary>
    public const int AbsenceThreshold = 10;

    /// <summary>Thresholds of the quality plot: 100 from 0 to 1.</summary>
    public static IReadOnlyList<double> Thresholds { get; } = [.. Enumerable.Range(0, 100).Select(i => i == 99 ? 1 : i * (1 / 99.0))];

    /// <summary>Mean overlap, the area under the quality plot.</summary>
    public double Quality => Sequences.Average(sequence => sequence.Quality);

    /// <summary>Mean overlap while objects are tracked.</summary>
    public double Accuracy => Sequences.Average(sequence => sequence.Accuracy);

    /// <summary>Share of the frames in which objects are tracked; null without a value, as for those below.</summary>
    public double? Robustness => Sequences.Average(sequence => sequence.Robustness);

    /// <summary>Non-reported error.</summary>
    public double? Nre => Sequences.Average(sequence => sequence.Nre);

    /// <summary>Drift-rate error.</summary>
    public double? Dre => Sequences.Average(sequence => sequence.Dre);

    /// <summary>Absence-detection quality.</summary>
    public double? Adq => Sequences.Average(sequence => sequence.Adq);

    /// <summary>Success over <see cref="Thresholds"/>.</summary>
    public IReadOnlyList<double> QualityPlot
    {
        get
        {
            var plots = Sequences.Select(sequence => sequence.QualityPlot).ToArray();
            return [.. Enumerable.Range(0, Thresholds.Count).Select(i => plots.Average(plot => plot[i]))];
        }
    }

    /// <summary>Scores a tracker's results in a workspace.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="tracker">Name of the tracker's folder in results.</param>
    /// <param name="experiment">Name of the experiment's folder.</param>
    /// <param name="tag">Only frames with this tag; null for all.</param>
    /// <param name="progress">Told after each sequence.</param>
    /// <param name="cancellationToken">Ends the run between two sequences.</param>
    /// <exception cref="EvaluationException">A result is missing or does not fit; the message names the file.</exception>
    public static VotScores Score(
        VotWorkspace workspace,
        string tracker,
        string experiment = "baseline",
        string? tag = null,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var scores = new List<VotSequenceScore>();
        foreach (var sequence in workspace.Sequences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            scores.Add(VotSequenceScore.Of(sequence, id => workspace.Result(tracker, experiment, sequence, id), tag));
            progress?.Report(new(sequence.Name, scores.Count, workspace.Sequences.Count, sequence.Length, sequence.Length));
        }

        return new(tracker, scores);
    }
}

/// <summary>A tracker's scores on one sequence: means over its objects.</summary>
/// <param name="Name">Name of the sequence.</param>
/// <param name="Objects">Its objects.</param>
internal sealed record VotSequenceScore(string Name, IReadOnlyList<VotObjectScore> Objects)
{
    /// <summary>Mean overlap.</summary>
    public double Quality => Objects.Average(score => score.Quality);

    /// <summary>Mean overlap while objects are tracked.</summary>
    public double Accuracy => Objects.Average(score => score.Accuracy);

    /// <summary>Share of the frames in which objects are tracked; null without a value, as for those below.</summary>
    public double? Robustness => Objects.Average(score => score.Robustness);

    /// <summary>Non-reported error.</summary>
    public double? Nre => Objects.Average(score => score.Nre);

    /// <summary>Drift-rate error.</summary>
    public double? Dre => Objects.Average(score => score.Dre);

    /// <summary>Absence-detection quality.</summary>
    public double? Adq => Objects.Average(score => score.Adq);

    /// <summary>Success over <see cref="VotScores.Thresholds"/>; NaN where no object has a frame that counts.</summary>
    public IReadOnlyList<double> QualityPlot
    {
        get
        {
            var plots = Objects.Select(score => score.QualityPlot(VotScores.Thresholds)).OfType<double[]>().ToArray();
            return [.. Enumerable.Range(0, VotScores.Thresholds.Count).Select(i => plots.Length == 0 ? double.NaN : plots.Average(plot => plot[i]))];
        }
    }

    /// <summary>Scores the runs on one sequence.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="result">Gives the result for an object, a region a frame.</param>
    /// <param name="tag">Only frames with this tag; null for all.</param>
    public static VotSequenceScore Of(VotSequence sequence, Func<string, IReadOnlyList<Region>> result, string? tag = null)
    {
        var tagged = tag is null ? null : sequence.Tagged(tag);
        IReadOnlyList<Region> Chosen(IReadOnlyList<Region> regions) => tagged is null ? regions : [.. regions.Take(sequence.Length).Where((_, i) => tagged[i])];
        var ignored = sequence.Ignored is { } regions ? Chosen(regions) : null;
        return new(sequence.Name, [.. sequence.Objects.Select(id => VotObjectScore.Of(id, Chosen(result(id)), Chosen(sequence.Groundtruth(id)), sequence.Size, ignored))]);
    }
}
