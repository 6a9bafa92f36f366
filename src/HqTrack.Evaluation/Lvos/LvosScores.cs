using System.Text;
using HqTrack.Evaluation.Measures;
using HqTrack.Evaluation.Scoring;

namespace HqTrack.Evaluation.Lvos;

/// <summary>Scores as the lvos-evaluation program gives them: means over the objects of seen and of unseen sequences, then the mean of both.</summary>
/// <param name="Objects">Every object with whether its sequence is unseen, in order.</param>
internal sealed record LvosScores(IReadOnlyList<(ObjectScore Score, bool IsUnseen)> Objects)
{
    /// <summary>Region similarity.</summary>
    public SeenUnseen J => Split(score => score.J.Mean);

    /// <summary>Contour accuracy.</summary>
    public SeenUnseen F => Split(score => score.F.Mean);

    /// <summary>Variability over time: lower is steadier.</summary>
    public SeenUnseen V => Split(Variability);

    /// <summary>Mean of the four means of J and F.</summary>
    public double JAndF => (J.Seen + J.Unseen + F.Seen + F.Unseen) / 4;

    /// <summary>V of one object: the standard deviation of (J + F) / 2, its square rounded to four decimals as the official program does.</summary>
    public static double Variability(ObjectScore score)
    {
        var values = score.FrameJ.Zip(score.FrameF, (j, f) => (j + f) / 2).ToArray();
        if (values.Length == 0)
        {
            return double.NaN;
        }

        var mean = values.Average();
        return Math.Sqrt(Math.Round(values.Average(value => (value - mean) * (value - mean)) * 10000, MidpointRounding.ToEven) / 10000);
    }

    /// <summary>global_results-SET.csv</summary>
    public string GlobalCsv()
    {
        double[] values = [JAndF, J.Mean, J.Seen, J.Unseen, F.Mean, F.Seen, F.Unseen, V.Mean, V.Seen, V.Unseen];
        return "J&F-Mean,J-Mean,J-seen-Mean,J-unseen-Mean,F-Mean,F-seen-Mean,F-unseen-Mean,V-Mean,V-seen-Mean,V-unseen-Mean\n"
            + string.Join(',', values.Select(OfficialNumber.Csv)) + "\n";
    }

    /// <summary>per-sequence_results-SET.csv: a row an object.</summary>
    public string PerSequenceCsv()
    {
        var text = new StringBuilder("Sequence,J-Mean,F-Mean,V-Mean\n");
        foreach (var (score, _) in Objects)
        {
            text.Append($"{score.Name},{OfficialNumber.Csv(score.J.Mean)},{OfficialNumber.Csv(score.F.Mean)},{OfficialNumber.Csv(Variability(score))}\n");
        }

        return text.ToString();
    }

    private SeenUnseen Split(Func<ObjectScore, double> measure) => SeenUnseen.Of(Objects.Select(entry => (measure(entry.Score), entry.IsUnseen)));
}
