using System.Globalization;
using HqTrack.Evaluation.Benchmarks;

namespace HqTrack.Evaluation.Reports;

/// <summary>report.html of bench track: a table, and how the time of a frame grows with the number of objects and with the length of the video.</summary>
internal static class BenchmarkPage
{
    /// <summary>Column heads of the table.</summary>
    public static IReadOnlyList<string> Header { get; } = ["size", "objects", "frames", "gap", "threads", "frames/s", "median ms", "p99 ms", "last/first tenth", "peak MB"];

    /// <summary>A run's cells.</summary>
    public static IReadOnlyList<string> Cells(TrackBenchmarkReport run) =>
    [
        $"{run.Width}x{run.Height}", $"{run.Objects}", $"{run.Frames}", Gap(run), $"{run.Threads}",
        Number(run.Fps, "0.00"), Number(run.P50Ms, "0.0"), Number(run.P99Ms, "0.0"), Number(run.LastToFirstTenth, "0.00"), Number(run.PeakMemoryMb, "0"),
    ];

    /// <summary>Median time of a frame over the number of objects as SVG, a line for each setting that was measured with several; null where none was.</summary>
    public static string? Objects(IReadOnlyList<TrackBenchmarkReport> runs)
    {
        var lines = runs
            .GroupBy(Setting, run => (X: (double)run.Objects, Y: run.P50Ms), StringComparer.Ordinal)
            .Select(group => (group.Key, Points: group.OrderBy(point => point.X).ToArray()))
            .Where(line => line.Points.Length > 1)
            .Select((line, i) => new MeasuredLine(line.Key, ChartColors.All[i % ChartColors.All.Count], line.Points))
            .ToArray();
        return lines.Length == 0 ? null : LineChart.Measured("objects", "ms a frame", lines);
    }

    /// <summary>Median time of a frame in each tenth of the video as SVG, a line a run.</summary>
    public static string Length(IReadOnlyList<TrackBenchmarkReport> runs)
    {
        var isSame = runs.Select(Setting).Distinct(StringComparer.Ordinal).Count() == 1; // then a line needs its number of objects alone
        string Name(TrackBenchmarkReport run) => $"{(isSame ? string.Empty : $"{Setting(run)}, ")}{run.Objects} object{(run.Objects == 1 ? string.Empty : "s")}";
        return LineChart.Measured("frame", "ms a frame", [.. runs.Select((run, i) => new MeasuredLine(
            Name(run), ChartColors.All[i % ChartColors.All.Count], [.. run.TenthMs.Select((ms, tenth) => ((tenth + 0.5) * run.Frames / run.TenthMs.Count, ms))]))]);
    }

    /// <summary>Makes the page.</summary>
    /// <param name="runs">At least one.</param>
    public static HtmlPage Make(IReadOnlyList<TrackBenchmarkReport> runs)
    {
        var page = new HtmlPage($"{runs[0].Model}: time and memory of tracking");
        page.Paragraph("Frames/s is from the first JPEG to the last mask on disk; ms is the time of one frame in the session. A rendered scene; further objects are parts of its ten.");
        page.Table(Header, runs.Select(Cells));
        if (Objects(runs) is { } chart)
        {
            page.Heading("Number of objects");
            page.Chart(chart, "Median time of a frame. Objects are tracked together up to the model's group (10 in the published models), further ones in groups of their own.");
        }

        page.Heading("Length of the video");
        page.Chart(Length(runs), "Median time of a frame in each tenth of the video.");
        return page;
    }

    private static string Setting(TrackBenchmarkReport run) => $"{run.Width}x{run.Height}, gap {Gap(run)}, {run.Threads} thread{(run.Threads == 1 ? string.Empty : "s")}";

    private static string Gap(TrackBenchmarkReport run) => run.MemoryGap?.ToString(CultureInfo.InvariantCulture) ?? "model's";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
