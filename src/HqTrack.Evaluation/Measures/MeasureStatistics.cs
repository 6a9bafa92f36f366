namespace HqTrack.Evaluation.Measures;

/// <summary>Mean, recall and decay of one object's values over time, as davis2017-evaluation computes them; NaN where there is no value.</summary>
/// <param name="Mean">Mean of the values that are numbers.</param>
/// <param name="Recall">Share of the values above 0.5; a NaN counts as not recalled.</param>
/// <param name="Decay">Mean of the first quarter minus mean of the last; quarters share their border frames.</param>
internal readonly record struct MeasureStatistics(double Mean, double Recall, double Decay)
{
    private const int Bins = 4;
    private const double RecallThreshold = 0.5;

    /// <summary>Computes the three.</summary>
    /// <param name="values">One value a frame.</param>
    /// <param name="parity">
    /// Store the quarters' borders in one byte, as the official program does: above 256 frames they wrap around and decay is
    /// mostly NaN. For comparison with published numbers only.
    /// </param>
    public static MeasureStatistics Of(ReadOnlySpan<double> values, bool parity = false)
    {
        if (values.IsEmpty)
        {
            return new(double.NaN, double.NaN, double.NaN);
        }

        var recalled = 0;
        foreach (var value in values)
        {
            recalled += value > RecallThreshold ? 1 : 0;
        }

        Span<int> edges = stackalloc int[Bins + 1];
        for (var i = 0; i <= Bins; i++)
        {
            var position = 1 + (i * (values.Length - 1) / (double)Bins);
            edges[i] = (int)Math.Floor(position + 0.5 + 1e-10) - 1;
            edges[i] = parity ? edges[i] & 0xFF : edges[i];
        }

        return new(MeanOf(values), (double)recalled / values.Length, MeanOf(Bin(values, edges[0], edges[1])) - MeanOf(Bin(values, edges[Bins - 1], edges[Bins])));
    }

    private static ReadOnlySpan<double> Bin(ReadOnlySpan<double> values, int first, int last) => last >= first ? values[first..(last + 1)] : [];

    private static double MeanOf(ReadOnlySpan<double> values)
    {
        var (sum, count) = (0.0, 0);
        foreach (var value in values)
        {
            if (!double.IsNaN(value))
            {
                sum += value;
                count++;
            }
        }

        return count == 0 ? double.NaN : sum / count;
    }
}
