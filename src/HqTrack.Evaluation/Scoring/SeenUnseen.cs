namespace HqTrack.Evaluation.Scoring;

/// <summary>A measure over the objects of categories that the training set has, and of those it lacks; NaN where there are none.</summary>
internal readonly record struct SeenUnseen(double Seen, double Unseen)
{
    /// <summary>Mean of the two.</summary>
    public double Mean => (Seen + Unseen) / 2;

    /// <summary>Means of the values of each kind.</summary>
    public static SeenUnseen Of(IEnumerable<(double Value, bool IsUnseen)> values)
    {
        var all = values.ToArray();
        double MeanOf(bool unseen) => all.Where(entry => entry.IsUnseen == unseen).Select(entry => entry.Value).DefaultIfEmpty(double.NaN).Average();
        return new(MeanOf(false), MeanOf(true));
    }
}
