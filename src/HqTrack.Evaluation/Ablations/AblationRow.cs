using HqTrack.Evaluation.Experiments;

namespace HqTrack.Evaluation.Ablations;

/// <summary>One setting's scores, fractions of 1.</summary>
/// <param name="Value">The setting.</param>
/// <param name="JAndF">J&amp;F, or the overall score; null where the dataset has no contours (VOTS).</param>
/// <param name="J">Mean region similarity over the objects; null likewise.</param>
/// <param name="F">Mean contour accuracy over the objects; null likewise.</param>
/// <param name="Auc">Area under the quality plot (VOTS quality; see <see cref="ExperimentResult.Quality"/>).</param>
/// <param name="Std">Spread over the sequences: standard deviation of their J&amp;F, or of their quality.</param>
/// <param name="Fps">Frames per second of what was tracked in this run; null where all of it was there already.</param>
/// <param name="Paper">What the paper has in this setting's place, on its own data; null where it has nothing.</param>
internal sealed record AblationRow(string Value, double? JAndF, double? J, double? F, double Auc, double Std, double? Fps, double? Paper = null)
{
    /// <summary>Takes a result over.</summary>
    public static AblationRow Of(AblationCase entry, ExperimentResult result)
    {
        var values = result.Sequences.Select(sequence => sequence.Scores[0].Value).OfType<double>().Where(double.IsFinite).ToArray();
        var mean = values.Length == 0 ? double.NaN : values.Average();
        return new(
            entry.Value,
            result.Total("j_and_f") ?? result.Total("overall"),
            Mean(result, "j"),
            Mean(result, "f"),
            result.Quality,
            values.Length == 0 ? double.NaN : Math.Sqrt(values.Average(value => (value - mean) * (value - mean))),
            result.FramesPerSecond,
            entry.Paper);
    }

    private static double? Mean(ExperimentResult result, string name)
    {
        var values = result.Sequences.SelectMany(sequence => sequence.Scores.Where(score => score.Key == name).Select(score => score.Value)).OfType<double>().ToArray();
        return result.Total(name) ?? (values.Length == 0 ? null : values.Average());
    }
}
