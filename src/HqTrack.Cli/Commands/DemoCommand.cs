using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Demo;
using HqTrack.Scenes;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack demo: renders a clip, tracks it, scores it. Needs no data.</summary>
internal sealed class DemoCommand
{
    private readonly Option<string> output = Opt.Output("Folder for the results", Path.Combine("out", "demo"));
    private readonly Option<int?> seed = Opt.Integer("--seed", "Which scene [default: 0]", (int)SceneLibrary.Demo.FirstSeed, (int)SceneLibrary.Demo.LastSeed);
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly Terminal terminal;

    private DemoCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var demo = new DemoCommand(terminal);
        var command = new Command("demo", "Render a small scene, track its objects and score the result: start here") { demo.output, demo.seed };
        var model = new ModelOptions(command);
        command.Options.Add(demo.quiet);
        command.Options.Add(demo.json);
        command.SetAction((parsed, cancellation) => demo.RunAsync(parsed, model, cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, ModelOptions model, CancellationToken cancellation)
    {
        var directory = parsed.GetRequiredValue(output);
        using var tracker = model.Load(parsed);
        var scene = SceneFactory.Create(new SceneOptions { Seed = parsed.GetValue(seed) ?? 0 });
        var isQuiet = parsed.GetValue(quiet);
        var clip = await FrameProgress.RunAsync(terminal, isQuiet, "rendering", scene.Frames, advance =>
            Task.Run(() => RenderedClip.Write(scene, directory, () => advance(), cancellation), cancellation)).ConfigureAwait(false);
        var run = await FrameProgress.RunAsync(terminal, isQuiet, "tracking", scene.Frames, advance =>
            DemoRun.TrackAsync(tracker, clip, directory, () => advance(), cancellation)).ConfigureAwait(false);
        var scores = await FrameProgress.RunAsync(terminal, isQuiet, "scoring", scene.Frames, advance =>
            Task.Run(() => run.Score(() => advance(), cancellation), cancellation)).ConfigureAwait(false);
        DemoPage.Write(directory, tracker.Model, run, scores);
        Report(parsed, ReportOf(directory, tracker.Model, run, scores));
        return ExitCode.Ok;
    }

    private static DemoReport ReportOf(string directory, string model, DemoRun run, DemoScores scores)
    {
        var scene = run.Clip.Scene;
        return new(
            scores.Tracker.JAndF,
            scores.Tracker.J,
            scores.Tracker.F,
            scores.CopyFirstMask.JAndF,
            scores.Color.JAndF,
            run.Summary.FramesPerSecond,
            scene.Frames,
            scene.Objects,
            scene.Options.Seed,
            scene.Width,
            scene.Height,
            model,
            Path.Combine(directory, "masks"),
            Path.Combine(directory, "overlay.webp"),
            Path.Combine(directory, "report.html"),
            [.. Enumerable.Range(1, scene.Objects).Select(id => new DemoObject(id, scores.Tracker.MeansOf(id).J, scores.Tracker.MeansOf(id).F))]);
    }

    private void Report(ParseResult parsed, DemoReport report)
    {
        if (parsed.GetValue(json))
        {
            terminal.WriteJson(report);
            return;
        }

        terminal.Out.WriteLine($"Tracked {report.Objects} objects through {report.Frames} rendered frames of {report.Width}x{report.Height}, {report.Fps:0.0} a second.");
        terminal.Out.WriteLine();
        terminal.WriteFacts(
        [
            ($"  J&F {report.Model}", $"{report.JAndF:0.000}"),
            ("  copying the first mask", $"{report.JAndFCopyFirstMask:0.000}"),
            ("  nearest colour", $"{report.JAndFColorBaseline:0.000}"),
        ]);
        terminal.Out.WriteLine();
        terminal.WriteFacts(
        [
            ("  watch", report.Overlay),
            ("  read", report.Report),
            ("  use", $"{report.Masks}{Path.DirectorySeparatorChar} (indexed PNG, one a frame)"),
        ]);
        terminal.Out.WriteLine();
        terminal.Out.WriteLine("Your own video: track FOLDER --mask FIRST_FRAME.png -o DIR");
    }
}

/// <summary>demo --json.</summary>
/// <param name="JAndF">Mean over the objects of (J + F) / 2, 0..1.</param>
/// <param name="J">Mean intersection over union.</param>
/// <param name="F">Mean contour accuracy.</param>
/// <param name="JAndFCopyFirstMask">The same for the first mask in every frame.</param>
/// <param name="JAndFColorBaseline">The same for nearest neighbours in colour and position.</param>
/// <param name="Fps">Frames per second of the tracking, JPEG in, PNG out.</param>
/// <param name="Frames">Frames of the clip.</param>
/// <param name="Objects">Objects tracked.</param>
/// <param name="Seed">The scene.</param>
/// <param name="Width">Of the frames, pixels.</param>
/// <param name="Height">Of the frames, pixels.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Masks">Folder of the masks.</param>
/// <param name="Overlay">The animation.</param>
/// <param name="Report">The report.</param>
/// <param name="PerObject">Scores of each object.</param>
internal sealed record DemoReport(
    double JAndF,
    double J,
    double F,
    double JAndFCopyFirstMask,
    double JAndFColorBaseline,
    double Fps,
    int Frames,
    int Objects,
    long Seed,
    int Width,
    int Height,
    string Model,
    string Masks,
    string Overlay,
    string Report,
    IReadOnlyList<DemoObject> PerObject);

/// <summary>Scores of one object of the demo.</summary>
internal sealed record DemoObject(int Id, double J, double F);
