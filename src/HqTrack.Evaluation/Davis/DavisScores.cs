using HqTrack.Evaluation.Measures;

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

/// <summary>Scores of one sequence.</summary>
/// <param name="Name">Name of the sequence.</param>
/// <param name="Frames">Names of the frames that count.</param>
/// <param name="Objects">Objects 1..n.</param>
internal sealed record SequenceScore(string Name, IReadOnlyList<string> Frames, IReadOnlyList<ObjectScore> Objects)
{
    /// <summary>Mean over the objects of (J + F) / 2.</summary>
    public double JAndF => Objects.Average(score => (score.J.Mean + score.F.Mean) / 2);
}

/// <summary>Scores of one object.</summary>
/// <param name="Name">SEQUENCE_ID, as the official tables name it.</param>
/// <param name="Id">Its id.</param>
/// <param name="FrameJ">J of each frame that counts.</param>
/// <param name="FrameF">F of each frame that counts.</param>
/// <param name="J">Region similarity over time.</param>
/// <param name="F">Contour accuracy over time.</param>
internal sealed record ObjectScore(string Name, int Id, IReadOnlyList<double> FrameJ, IReadOnlyList<double> FrameF, MeasureStatistics J, MeasureStatistics F);
