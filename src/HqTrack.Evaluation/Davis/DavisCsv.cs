using System.Text;
using HqTrack.Evaluation.Measures;
using HqTrack.Media;

namespace HqTrack.Evaluation.Davis;

/// <summary>The files that the official programs write, byte for byte.</summary>
internal static class DavisCsv
{
    /// <summary>global_results-SET.csv</summary>
    public static string Global(DavisScores scores) =>
        "J&F-Mean,J-Mean,J-Recall,J-Decay,F-Mean,F-Recall,F-Decay\n" +
        string.Join(',', new[] { scores.JAndF }.Concat(Values(scores)).Select(OfficialNumber.Csv)) + "\n";

    /// <summary>per-sequence_results-SET.csv: a row an object.</summary>
    public static string PerSequence(DavisScores scores)
    {
        var text = new StringBuilder("Sequence,J-Mean,F-Mean\n");
        foreach (var score in scores.Objects)
        {
            text.Append($"{Quote(score.Name)},{OfficialNumber.Csv(score.J.Mean)},{OfficialNumber.Csv(score.F.Mean)}\n");
        }

        return text.ToString();
    }

    /// <summary>scores.txt of the evaluation server.</summary>
    public static string ServerScores(DavisScores scores)
    {
        string[] names = ["GlobalMean", "JMean", "JRecall", "JDecay", "FMean", "FRecall", "FDecay"];
        var values = new[] { scores.JAndF }.Concat(Values(scores));
        return string.Concat(names.Zip(values, (name, value) => $"{name}: {OfficialNumber.Fixed(value, 6)}\n"));
    }

    /// <summary>Writes both CSV files into a folder.</summary>
    /// <exception cref="MediaException">They cannot be written.</exception>
    public static void Write(string folder, string set, DavisScores scores)
    {
        AtomicFile.Write(Path.Combine(folder, $"global_results-{set}.csv"), Encoding.UTF8.GetBytes(Global(scores)));
        AtomicFile.Write(Path.Combine(folder, $"per-sequence_results-{set}.csv"), Encoding.UTF8.GetBytes(PerSequence(scores)));
    }

    private static IEnumerable<double> Values(DavisScores scores) =>
        [scores.J.Mean, scores.J.Recall, scores.J.Decay, scores.F.Mean, scores.F.Recall, scores.F.Decay];

    private static string Quote(string name) => name.AsSpan().IndexOfAny(",\"\n\r") < 0 ? name : $"\"{name.Replace("\"", "\"\"")}\"";
}
