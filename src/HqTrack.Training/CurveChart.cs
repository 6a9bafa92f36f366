using HqTrack.Media;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace HqTrack.Training;

/// <summary>A run's loss and rate over its steps, as SVG.</summary>
internal static class CurveChart
{
    private const double Memory = 0.9;

    /// <summary>Draws the log.</summary>
    public static void Write(string path, IReadOnlyList<LogLine> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        var plot = new PlotModel { Title = "Training", TitleFontWeight = 400 };
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "step", Minimum = 0 });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = "loss", Minimum = 0, Key = "loss", MajorGridlineStyle = LineStyle.Dot });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Right, Title = "rate", Minimum = 0, Key = "rate" });
        var each = new LineSeries { YAxisKey = "loss", Color = OxyColor.FromAColor(70, OxyColors.SteelBlue), StrokeThickness = 1 };
        var smooth = new LineSeries { YAxisKey = "loss", Color = OxyColors.SteelBlue, StrokeThickness = 2, Title = "loss" };
        var rate = new LineSeries { YAxisKey = "rate", Color = OxyColors.DarkOrange, StrokeThickness = 1, Title = "rate" };
        var mean = lines[0].Loss;
        foreach (var line in lines)
        {
            mean = (Memory * mean) + ((1 - Memory) * line.Loss);
            each.Points.Add(new DataPoint(line.Step, line.Loss));
            smooth.Points.Add(new DataPoint(line.Step, mean));
            rate.Points.Add(new DataPoint(line.Step, line.Rate));
        }

        plot.Series.Add(each);
        plot.Series.Add(smooth);
        plot.Series.Add(rate);
        var exporter = new SvgExporter { Width = 900, Height = 420 };
        AtomicFile.Write(path, stream => exporter.Export(plot, stream));
    }
}
