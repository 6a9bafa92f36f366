using System.Globalization;
using HqTrack.Evaluation.Experiments;
using HqTrack.Evaluation.Vot;
using HqTrack.Media;

namespace HqTrack.Evaluation.Reports;

/// <summary>report.html of an evaluation: scores, bars a sequence, overlap over time, quality plot, the worst frames, time and memory.</summary>
internal static class EvaluationPage
{
    private const int MostLines = 8;
    private const int MostPictures = 6;
    private const int PictureQuality = 80;

    /// <summary>Makes the page.</summary>
    /// <param name="experiment">The dataset.</param>
    /// <param name="result">What it gave.</param>
    /// <param name="subject">What was evaluated: a model, or a folder of results.</param>
    /// <param name="results">Folder of the results, for pictures; null for none.</param>
    public static HtmlPage Make(IExperiment experiment, ExperimentResult result, string subject, string? results)
    {
        var page = new HtmlPage($"{experiment.Kind} {experiment.Set}: {subject}");
        page.Paragraph($"{result.Sequences.Count} sequences, {result.Objects} objects. Scores are fractions of 1.");
        if (result.Totals.Count > 0)
        {
            page.Table([.. result.Totals.Select(total => Label(total.Key))], [[.. result.Totals.Select(total => Number(total.Value))]]);
        }

        if (result.Sequences.Count > 0)
        {
            AddSequences(page, result);
            AddWorst(page, experiment, result, results);
        }

        AddTimes(page, result);
        return page;
    }

    private static void AddSequences(HtmlPage page, ExperimentResult result)
    {
        var main = result.Sequences[0].Scores[0].Key;
        page.Heading("Sequences");
        page.Chart(BarChart.Fractions(Label(main), [.. result.Sequences.Select(sequence => (sequence.Name, sequence.Scores[0].Value ?? double.NaN))], ChartColors.All[0]), $"{Label(main)} of each sequence, mean over its objects.");
        page.Table(
            ["sequence", "objects", .. result.Sequences[0].Scores.Select(score => Label(score.Key))],
            result.Sequences.Select(sequence => (string[])[sequence.Name, $"{sequence.Curves.Count}", .. sequence.Scores.Select(score => Number(score.Value))]));
        page.Heading("Overlap over time");
        var shown = result.Sequences.OrderBy(sequence => sequence.Scores[0].Value ?? double.NaN).Take(MostLines).ToArray();
        page.Chart(
            LineChart.Fractions("frame that counts", "J", [.. shown.Select((sequence, i) => new ChartLine(sequence.Name, ChartColors.All[i], OverTime(sequence)))], 1),
            $"J over time, mean over the objects{(shown.Length < result.Sequences.Count ? $"; the {shown.Length} lowest sequences" : string.Empty)}.");
        page.Heading("Quality plot");
        page.Chart(
            LineChart.Fractions("overlap threshold", "share of frames", [new("all", ChartColors.All[0], result.QualityPlot)], 0, 1.0 / (VotScores.Thresholds.Count - 1)),
            $"Share of the frames whose overlap is above the threshold; the area is {Number(result.Quality)}.");
    }

    private static void AddWorst(HtmlPage page, IExperiment experiment, ExperimentResult result, string? results)
    {
        var worst = result.Sequences
            .SelectMany(sequence => sequence.Curves.Where(curve => curve.Values.Count > 0).Select(curve => (sequence.Name, Curve: curve, At: Lowest(curve.Values))))
            .OrderBy(entry => entry.Curve.Values[entry.At])
            .Take(MostPictures)
            .Select(entry => (entry.Name, entry.Curve.Object, Frame: entry.Curve.Frames[entry.At], Overlap: entry.Curve.Values[entry.At]))
            .ToArray();
        page.Heading("Worst frames");
        page.Table(["sequence", "object", "frame", "J"], worst.Select(entry => (string[])[entry.Name, entry.Object, entry.Frame, Number(entry.Overlap)]));
        foreach (var entry in worst)
        {
            if (experiment.Picture(entry.Name, entry.Frame, results) is { } picture)
            {
                page.Pictures(
                    Jpeg(picture.Image, picture.Result, $"{entry.Name}, frame {entry.Frame}, object {entry.Object}: J {Number(entry.Overlap)}"),
                    Jpeg(picture.Image, picture.Truth, "the annotation"));
            }
        }
    }

    private static void AddTimes(HtmlPage page, ExperimentResult result)
    {
        if (result.Timings.Count == 0)
        {
            return;
        }

        page.Heading("Time and memory");
        page.Paragraph($"{(result.FramesPerSecond is { } fps ? $"{fps.ToString("0.00", CultureInfo.InvariantCulture)} frames/s from the decoding of a frame to its mask on disk; " : string.Empty)}peak memory of the process {result.PeakMemoryMb:0} MB. Sequences without a time were taken from an earlier run.");
        page.Table(
            ["sequence", "frames", "seconds", "frames/s"],
            result.Timings.Select(timing => timing.Frames == 0
                ? (string[])[timing.Name, string.Empty, string.Empty, string.Empty]
                : [timing.Name, $"{timing.Frames}", timing.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture), (timing.Frames / timing.Elapsed.TotalSeconds).ToString("0.00", CultureInfo.InvariantCulture)]));
    }

    private static double[] OverTime(SequenceResult sequence) =>
        [.. Enumerable.Range(0, sequence.Curves.Max(curve => curve.Values.Count)).Select(i => sequence.Curves.Where(curve => i < curve.Values.Count).Average(curve => curve.Values[i]))];

    private static int Lowest(IReadOnlyList<double> values) => Enumerable.Range(0, values.Count).MinBy(i => values[i]);

    private static (byte[] File, string MediaType, string Caption) Jpeg(Frame frame, LabelMap labels, string caption) =>
        (ImageFile.EncodeJpeg(Overlay.Draw(frame, labels), PictureQuality), "image/jpeg", caption);

    private static string Number(double? value) => value is { } number && !double.IsNaN(number) ? number.ToString("0.000", CultureInfo.InvariantCulture) : string.Empty;

    private static string Label(string name) => name switch
    {
        "j_and_f" => "J&F",
        "nre" or "dre" or "adq" => name.ToUpperInvariant(),
        _ when name.Length == 1 || name[1] == '_' => $"{char.ToUpperInvariant(name[0])}{name[1..].Replace('_', ' ')}",
        _ => name,
    };
}
