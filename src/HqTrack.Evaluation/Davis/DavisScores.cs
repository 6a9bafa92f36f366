using HqTrack.Evaluation.Measures;
using HqTrack.Evaluation.Scoring;

namespace HqTrack.Evaluation.Davis;

/// <summary>Scores of a whole set: plain means over all objects of all sequences.</summary>
/// <param name="Sequences">In the order of the set.</param>
internal sealed record DavisScores(IReadOnlyList<SequenceScore> Sequences)
{
    /// <summary>Every object of every sequence.</summary>
    public IEnumerable<ObjectScore> Objects => Sequences.SelectMany(sequence => sequence.Objects);

    /// <summary>Region similarity.</summary>
    public MeasureStatistics J => Mean(score => score.J);

    /// <summary>Contour accuracy.</summary>
    public MeasureStatistics F => Mean(score => score.F);

    /// <summary>Mean of the two means.</summary>
    public double JAndF => (J.Mean + F.Mean) / 2;

    private MeasureStatistics Mean(Func<ObjectScore, MeasureStatistics> measure)
    {
        var all = Objects.Select(measure).ToArray();
        return all.Length == 0
            ? new(double.NaN, double.NaN, double.NaN)
            : new(all.Average(value => value.Mean), all.Average(value => value.Recall), all.Average(value => value.Decay));
    }
}
