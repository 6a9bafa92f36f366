using System.CommandLine;
using System.Globalization;
using System.Text;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Reports;
using HqTrack.Media;
using HqTrack.Scenes;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack bench track: the whole model on a clip it renders first, image files in, mask files out.</summary>
internal sealed class BenchCommand
{
    private const int Rendered = 10; // a small picture has no room for more; further objects are parts of these

    private readonly Option<FrameSize> size = Opt.Size("--size", "Size of the frames", new(640, 360));
    private readonly Option<int?> objects = Opt.Integer("--objects", "Objects to track [default: 3]", 1, 2 * SceneOptions.MaxObjects);
    private readonly Option<int?> frames = Opt.Integer("--frames", "Frames to track [default: 200]", 8);
    private readonly Option<string> output = new("--output", "-o") { Description = "Folder for bench.json, table.md, report.html and its charts as SVG files", HelpName = "DIR" };
    private readonly BenchSweep sweep = new();
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly Terminal terminal;

    private BenchCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var bench = new BenchCommand(terminal);
        var track = new Command("track", "Speed and memory of tracking: from the first JPEG to the last mask on disk") { bench.size, bench.objects, bench.frames, bench.output };
        bench.sweep.AddTo(track);
        var model = new ModelOptions(track);
        track.Options.Add(bench.quiet);
        track.Options.Add(bench.json);
        track.SetAction((parsed, cancellation) => bench.RunAsync(parsed, model, cancellation));
        return new Command("bench", "Measure speed and memory on this machine") { track, BenchFrameCommand.Create(terminal), BenchRefinerCommand.Create(terminal), BenchKernelsCommand.Create(terminal) };
    }

    private async Task<int> RunAsync(ParseResult parsed, ModelOptions model, CancellationToken cancellation)
    {
        if (parsed.GetValue(output) is { } folder)
        {
            AtomicFile.CreateFolder(folder); // before the work, which would be lost otherwise
        }

        if (sweep.Runs(parsed) is { Count: > 0 } runs)
        {
            await SweepAsync(parsed, runs, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        }

        using var tracker = model.Load(parsed);
        var wanted = parsed.GetValue(objects) ?? 3;
        var (width, height) = parsed.GetRequiredValue(size);
        var scene = SceneFactory.Create(new SceneOptions { Width = width, Height = height, Frames = parsed.GetValue(frames) ?? 200, Objects = Math.Min(wanted, Rendered), Occlusion = wanted > 1 });
        var isQuiet = parsed.GetValue(quiet);
        var temporary = Directory.CreateTempSubdirectory("hqtrack-bench-").FullName;
        try
        {
            var clip = await FrameProgress.RunAsync(terminal, isQuiet, "rendering", scene.Frames, advance =>
                Task.Run(() => RenderedClip.Write(scene, temporary, () => advance(), cancellation), cancellation)).ConfigureAwait(false);
            var result = await FrameProgress.RunAsync(terminal, isQuiet, "tracking", scene.Frames, advance =>
                TrackBenchmark.RunAsync(tracker, clip.Frames, TrackBenchmark.WithObjects(clip.Truth(0), wanted), temporary, new Each(() => advance()), cancellation)).ConfigureAwait(false);
            var report = TrackBenchmarkReport.Of(result, model.Options(parsed).MemoryGap, model.Options(parsed).Threads ?? Environment.ProcessorCount);
            Save(parsed, [report]);
            Report(parsed, report);
            return ExitCode.Ok;
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    // Each run is a process of its own: peak memory and threads are a process's.
    private async Task SweepAsync(ParseResult parsed, IReadOnlyList<IReadOnlyList<string>> runs, CancellationToken cancellation)
    {
        var reports = await FrameProgress.RunAsync(terminal, parsed.GetValue(quiet), "benchmarks", runs.Count, async advance =>
        {
            var done = new List<TrackBenchmarkReport>();
            foreach (var run in runs)
            {
                try
                {
                    done.Add(Json.Deserialize<TrackBenchmarkReport>(await OwnProcess.RunAsync(["bench", "track", .. sweep.Passed(parsed), .. run, "--quiet", "--json"], cancellation).ConfigureAwait(false)));
                }
                catch (InvalidOperationException e)
                {
                    throw new Evaluation.EvaluationException($"the run {string.Join(' ', run)} failed: {e.Message}", e);
                }

                advance(1, string.Join(' ', run));
            }

            return done;
        }).ConfigureAwait(false);
        Save(parsed, reports);
        if (parsed.GetValue(json))
        {
            terminal.WriteJson(new BenchSweepReport(reports));
            return;
        }

        terminal.WriteTable([.. BenchmarkPage.Header.Select(name => name.ToUpperInvariant())], reports.Select(BenchmarkPage.Cells));
    }

    private void Save(ParseResult parsed, IReadOnlyList<TrackBenchmarkReport> runs)
    {
        if (parsed.GetValue(output) is not { } folder)
        {
            return;
        }

        void Write(string name, string text) => AtomicFile.Write(Path.Combine(folder, name), Encoding.UTF8.GetBytes(text));
        Write("bench.json", Json.Serialize(new BenchSweepReport(runs)) + "\n");
        Write("table.md", MarkdownTable.Of(BenchmarkPage.Header, runs.Select(BenchmarkPage.Cells)));
        Write("length.svg", BenchmarkPage.Length(runs));
        if (BenchmarkPage.Objects(runs) is { } chart)
        {
            Write("objects.svg", chart);
        }

        BenchmarkPage.Make(runs).Save(Path.Combine(folder, "report.html"));
    }

    private void Report(ParseResult parsed, TrackBenchmarkReport report)
    {
        if (parsed.GetValue(json))
        {
            terminal.WriteJson(report);
            return;
        }

        terminal.WriteFacts(
        [
            ("model", $"{report.Model}, {report.Objects} objects, {report.Frames} frames of {report.Width}x{report.Height}"),
            ("frames/s", $"{report.Fps:0.0}, from the first JPEG to the last mask on disk"),
            ("ms a frame", $"{report.P50Ms:0.0} median, {report.P99Ms:0.0} 99th percentile"),
            ("growth", $"{report.LastToFirstTenth:0.00}: median ms a frame in the last tenth of the video over the first ({string.Join(", ", report.TenthMs.Select(ms => ms.ToString("0.0", CultureInfo.InvariantCulture)))})"),
            ("peak memory", $"{report.PeakMemoryMb:0} MB"),
            ("stages", string.Join(", ", report.Stages.Select(stage => $"{stage.Key} {stage.Value:0.0} ms"))),
        ]);
    }

    // Unlike Progress<T>, in order and on the caller's thread.
    private sealed class Each(Action advance) : IProgress<int>
    {
        public void Report(int value) => advance();
    }
}

/// <summary>bench track --json over several sizes, objects, gaps or threads.</summary>
/// <param name="Runs">A report a run.</param>
internal sealed record BenchSweepReport(IReadOnlyList<TrackBenchmarkReport> Runs);
