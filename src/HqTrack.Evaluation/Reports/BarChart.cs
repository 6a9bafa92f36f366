using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace HqTrack.Evaluation.Reports;

/// <summary>Draws a bar a name as SVG, from the top down; the text is set by whoever shows it.</summary>
internal static class BarChart
{
    private const int Width = 860;
    private const int BarHeight = 22;
    private const int AxisHeight = 60;

    /// <summary>Draws values between 0 and 1.</summary>
    /// <param name="title">What is measured.</param>
    /// <param name="bars">Names and values; a NaN leaves its place empty.</param>
    /// <param name="color">Red, green and blue, 0..255.</param>
    /// <returns>An svg element.</returns>
    public static string Fractions(string title, IReadOnlyList<(string Name, double Value)> bars, (int R, int G, int B) color)
    {
        var model = new PlotModel { DefaultFont = "sans-serif", PlotAreaBorderThickness = new OxyThickness(1, 0, 0, 1), Padding = new OxyThickness(4) };
        var names = new CategoryAxis { Position = AxisPosition.Left, StartPosition = 1, EndPosition = 0, MajorTickSize = 0, MinorTickSize = 0, GapWidth = 0.3 };
        names.Labels.AddRange(bars.Select(bar => bar.Name));
        model.Axes.Add(names);
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom, Title = title, Minimum = 0, Maximum = 1.05, MajorStep = 0.25, MinorTickSize = 0, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray,
        });
        var series = new BarSeries { FillColor = OxyColor.FromRgb((byte)color.R, (byte)color.G, (byte)color.B), LabelPlacement = LabelPlacement.Outside, LabelFormatString = "{0:0.000}" };
        series.Items.AddRange(bars.Select(bar => new BarItem(bar.Value)));
        model.Series.Add(series);
        var height = AxisHeight + (BarHeight * Math.Max(1, bars.Count));
        var svg = new SvgExporter { Width = Width, Height = height, IsDocument = false, TextMeasurer = new BrowserTextMeasure() }.ExportToString(model);
        return svg[svg.IndexOf("<svg", StringComparison.Ordinal)..].Replace("<svg ", $"<svg viewBox=\"0 0 {Width} {height}\" ", StringComparison.Ordinal);
    }
}
