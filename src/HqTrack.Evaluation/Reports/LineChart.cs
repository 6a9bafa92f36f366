using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace HqTrack.Evaluation.Reports;

/// <summary>One line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Color">Red, green and blue, 0..255.</param>
/// <param name="Values">One value per x from the chart's first x on; a NaN leaves a gap.</param>
internal sealed record ChartLine(string Name, (int R, int G, int B) Color, IReadOnlyList<double> Values);

/// <summary>One line of a chart of measurements.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Color">Red, green and blue, 0..255.</param>
/// <param name="Points">The measurements, by ascending x; each is marked.</param>
internal sealed record MeasuredLine(string Name, (int R, int G, int B) Color, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Draws lines as SVG; the text is set by whoever shows it.</summary>
internal static class LineChart
{
    private const int Width = 860;
    private const int Height = 260;

    /// <summary>Draws values between 0 and 1.</summary>
    /// <param name="xTitle">What the horizontal axis counts.</param>
    /// <param name="yTitle">What the vertical axis measures.</param>
    /// <param name="lines">The lines; the legend is left out for a single one.</param>
    /// <param name="firstX">x of the first values.</param>
    /// <param name="step">x from one value to the next.</param>
    /// <returns>An svg element.</returns>
    public static string Fractions(string xTitle, string yTitle, IReadOnlyList<ChartLine> lines, int firstX = 0, double step = 1)
    {
        var last = firstX + (step * Math.Max(1, lines.Max(line => line.Values.Count) - 1));
        return Draw(
            new() { Title = xTitle, Minimum = firstX, Maximum = last, MinimumMajorStep = step < 1 ? 0.1 : 1 },
            new() { Title = yTitle, Minimum = 0, Maximum = 1.02, MajorStep = 0.25, MinorTickSize = 0 },
            MarkerType.None,
            [.. lines.Select(line => new MeasuredLine(line.Name, line.Color, [.. line.Values.Select((value, i) => (firstX + (step * i), value))]))]);
    }

    /// <summary>Draws measurements that are 0 or more, both axes from 0 on.</summary>
    /// <param name="xTitle">What the horizontal axis counts.</param>
    /// <param name="yTitle">What the vertical axis measures.</param>
    /// <param name="lines">The lines; the legend is left out for a single one.</param>
    /// <returns>An svg element.</returns>
    public static string Measured(string xTitle, string yTitle, IReadOnlyList<MeasuredLine> lines) => Draw(
        new() { Title = xTitle, Minimum = 0, Maximum = 1.02 * lines.Max(line => line.Points.Max(point => point.X)) },
        new() { Title = yTitle, Minimum = 0, Maximum = 1.1 * lines.Max(line => line.Points.Max(point => point.Y)), MinorTickSize = 0 },
        MarkerType.Circle,
        lines);

    private static string Draw(LinearAxis x, LinearAxis y, MarkerType marker, IReadOnlyList<MeasuredLine> lines)
    {
        var model = new PlotModel { DefaultFont = "sans-serif", PlotAreaBorderThickness = new OxyThickness(1, 0, 0, 1), Padding = new OxyThickness(4) };
        (x.Position, y.Position) = (AxisPosition.Bottom, AxisPosition.Left);
        (y.MajorGridlineStyle, y.MajorGridlineColor) = (LineStyle.Solid, OxyColors.LightGray);
        model.Axes.Add(x);
        model.Axes.Add(y);
        if (lines.Count > 1)
        {
            model.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.RightTop, LegendBorderThickness = 0 });
        }

        foreach (var line in lines)
        {
            var color = OxyColor.FromRgb((byte)line.Color.R, (byte)line.Color.G, (byte)line.Color.B);
            var series = new LineSeries { Title = line.Name, Color = color, StrokeThickness = 2, MarkerType = marker, MarkerFill = color, MarkerSize = 3 };
            series.Points.AddRange(line.Points.Select(point => new DataPoint(point.X, point.Y)));
            model.Series.Add(series);
        }

        var svg = new SvgExporter { Width = Width, Height = Height, IsDocument = false, TextMeasurer = new BrowserTextMeasure() }.ExportToString(model);
        return svg[svg.IndexOf("<svg", StringComparison.Ordinal)..].Replace("<svg ", $"<svg viewBox=\"0 0 {Width} {Height}\" ", StringComparison.Ordinal); // without it a page cannot scale the chart
    }
}
