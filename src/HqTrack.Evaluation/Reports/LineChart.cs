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

/// <summary>Draws lines over a whole-numbered axis as SVG; the text is set by whoever shows it.</summary>
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
        var model = new PlotModel { DefaultFont = "sans-serif", PlotAreaBorderThickness = new OxyThickness(1, 0, 0, 1), Padding = new OxyThickness(4) };
        var last = firstX + (step * Math.Max(1, lines.Max(line => line.Values.Count) - 1));
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = xTitle, Minimum = firstX, Maximum = last, MinimumMajorStep = step < 1 ? 0.1 : 1 });
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Left, Title = yTitle, Minimum = 0, Maximum = 1.02, MajorStep = 0.25, MinorTickSize = 0, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray,
        });
        if (lines.Count > 1)
        {
            model.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.RightTop, LegendBorderThickness = 0 });
        }

        foreach (var line in lines)
        {
            var series = new LineSeries { Title = line.Name, Color = OxyColor.FromRgb((byte)line.Color.R, (byte)line.Color.G, (byte)line.Color.B), StrokeThickness = 2 };
            series.Points.AddRange(line.Values.Select((value, i) => new DataPoint(firstX + (step * i), value)));
            model.Series.Add(series);
        }

        var svg = new SvgExporter { Width = Width, Height = Height, IsDocument = false, TextMeasurer = new BrowserTextMeasure() }.ExportToString(model);
        return svg[svg.IndexOf("<svg", StringComparison.Ordinal)..].Replace("<svg ", $"<svg viewBox=\"0 0 {Width} {Height}\" ", StringComparison.Ordinal); // without it a page cannot scale the chart
    }
}
