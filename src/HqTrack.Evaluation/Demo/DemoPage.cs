using HqTrack.Evaluation.Reports;
using HqTrack.Media;

namespace HqTrack.Evaluation.Demo;

/// <summary>The demo's report.html: the animation, scores, curves per object, and the frames worth a look.</summary>
internal static class DemoPage
{
    /// <summary>Writes DIR/report.html; DIR/overlay.webp must be there.</summary>
    /// <exception cref="MediaException">The file cannot be written.</exception>
    public static void Write(string directory, string model, DemoRun run, DemoScores scores)
    {
        var scene = run.Clip.Scene;
        var page = new HtmlPage("HqTrack demo");
        page.Paragraph(
            $"{scene.Objects} objects of a rendered scene (seed {scene.Options.Seed}, {scene.Frames} frames of {scene.Width}x{scene.Height}), tracked by '{model}' from the mask of the first frame " +
            $"at {run.Summary.FramesPerSecond:0.0} frames a second. The scene's exact labels give the scores; the model was trained on other shapes, patterns and motions.");
        page.Pictures((ImageFile.ReadBytes(Path.Combine(directory, "overlay.webp")), "image/webp", "What the tracker found"));
        page.Heading("Scores");
        page.Table(["", "J&F", "J (region)", "F (contour)"],
        [
            Row(model, scores.Tracker),
            Row("copying the first mask", scores.CopyFirstMask),
            Row("nearest colour and position", scores.Color),
        ]);
        page.Paragraph("J is intersection over union, F how well the contours agree, both 0 to 1; means over objects and frames, the first and the last frame left out as in DAVIS.");
        page.Heading("Over time");
        page.Chart(LineChart.Fractions("frame", "J", Lines(scene.Objects, scores.Tracker.JOf)), "Overlap with the exact mask; an object that is hidden and not drawn counts 1.");
        page.Chart(
            LineChart.Fractions("frame", "confidence", Lines(scene.Objects, id => [.. run.Tracked.Select(frame => frame.Objects.First(tracked => tracked.Id == id).Confidence)])),
            "What the tracker itself says: mean probability inside each mask; 0 where it sees the object nowhere.");
        var hardest = scores.Tracker.HardestFrame;
        page.Heading($"The hardest frame: {hardest}");
        page.Pictures(
            (Picture(run, hardest, run.Tracked[hardest].Labels), "image/jpeg", $"Tracked, mean J {scores.Tracker.JIn(hardest):0.00}"),
            (Picture(run, hardest, run.Clip.Truth(hardest)), "image/jpeg", "Exact"));
        var last = run.Tracked.Count - 1;
        page.Heading("The last frame");
        page.Pictures(
            (Picture(run, last, run.Tracked[last].Labels), "image/jpeg", $"Tracked, mean J {scores.Tracker.JIn(last):0.00}"),
            (Picture(run, last, run.Clip.Truth(last)), "image/jpeg", "Exact"));
        page.Save(Path.Combine(directory, "report.html"));
    }

    private static string[] Row(string name, ScoreTable table) => [name, $"{table.JAndF:0.000}", $"{table.J:0.000}", $"{table.F:0.000}"];

    private static ChartLine[] Lines(int objects, Func<int, IReadOnlyList<double>> values) =>
        [.. Enumerable.Range(1, objects).Select(id => new ChartLine($"object {id}", Overlay.Shade(id), values(id)))];

    private static byte[] Picture(DemoRun run, int frame, LabelMap labels) =>
        ImageFile.EncodeJpeg(Overlay.Draw(ImageFile.Read(run.Clip.Frames[frame], frame), labels), quality: 88);
}
