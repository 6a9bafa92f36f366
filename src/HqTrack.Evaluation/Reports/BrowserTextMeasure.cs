using OxyPlot;

namespace HqTrack.Evaluation.Reports;

/// <summary>
/// Tells OxyPlot how much room text takes that a browser will set in a sans-serif font. OxyPlot's own measure is that of a PDF's Arial in points,
/// a quarter too small for pixels: labels would overlap. Draws nothing.
/// </summary>
internal sealed class BrowserTextMeasure : RenderContextBase
{
    private const double MeanLetterWidth = 0.6; // em; between Arial and DejaVu Sans
    private const double LineHeight = 1.2;      // em

    public override int ClipCount => 0;

    public override OxySize MeasureText(string text, string fontFamily = null!, double fontSize = 10, double fontWeight = 500)
    {
        var lines = (text ?? string.Empty).Split('\n');
        return new(lines.Max(line => line.Length) * MeanLetterWidth * fontSize, lines.Length * LineHeight * fontSize);
    }

    public override void DrawLine(IList<ScreenPoint> points, OxyColor stroke, double thickness, EdgeRenderingMode edgeRenderingMode, double[] dashArray, LineJoin lineJoin)
    {
    }

    public override void DrawPolygon(
        IList<ScreenPoint> points, OxyColor fill, OxyColor stroke, double thickness, EdgeRenderingMode edgeRenderingMode, double[] dashArray, LineJoin lineJoin)
    {
    }

    public override void DrawText(
        ScreenPoint p, string text, OxyColor fill, string fontFamily, double fontSize, double fontWeight, double rotation, HorizontalAlignment horizontalAlignment, VerticalAlignment verticalAlignment, OxySize? maxSize)
    {
    }

    public override void PushClip(OxyRect clippingRectangle)
    {
    }

    public override void PopClip()
    {
    }
}
