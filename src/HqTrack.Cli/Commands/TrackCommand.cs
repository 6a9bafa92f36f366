using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Media;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack track FOLDER --mask FILE -o DIR: objects pointed out in any frames, by masks, boxes or points, through the whole video.</summary>
internal sealed class TrackCommand
{
    private readonly Argument<string> folder = new("FOLDER") { Description = "Folder with the video's frames as JPEG, PNG or WebP" };
    private readonly Option<string> output = Opt.Output("Folder for the results; made where it is missing");
    private readonly Option<string[]> export = ExportOption.Create();
    private readonly Option<string> refinements = new("--refinements") { Description = "Also write what the refiner did with each object in each frame, JSON lines", HelpName = "FILE" };
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly Terminal terminal;

    private TrackCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var track = new TrackCommand(terminal);
        var command = new Command("track", "Follow objects through a video, from masks, boxes or points in any of its frames") { track.folder };
        var prompts = new TimelineOptions(command);
        command.Options.Add(track.output);
        command.Options.Add(track.export);
        var model = new ModelOptions(command);
        command.Options.Add(track.refinements);
        command.Options.Add(track.quiet);
        command.Options.Add(track.json);
        command.Validators.Add(result =>
        {
            if (result.GetResult(track.folder) is { Tokens.Count: > 0 } && !prompts.All.Any(option => result.GetResult(option) is not null))
            {
                result.AddError("nothing says what to follow; expected --mask FILE, --box ID:x,y,w,h, --point ID:x,y or --prompts FILE");
            }
        });
        command.SetAction((parsed, cancellation) => track.RunAsync(parsed, model, prompts, cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, ModelOptions model, TimelineOptions prompts, CancellationToken cancellation)
    {
        var (directory, kinds) = (parsed.GetRequiredValue(output), parsed.GetRequiredValue(export));
        var source = FrameSource.Open(parsed.GetRequiredValue(folder));
        foreach (var kind in kinds)
        {
            RefuseToOverwrite(source, ExportOption.PathOf(directory, kind));
        }

        var first = source.Read(cancellation).First();
        var timeline = prompts.Read(parsed, first);
        if (source.Count is { } count && timeline.Frames.Max() >= count)
        {
            throw new UsageException($"a prompt is for frame {timeline.Frames.Max()}, '{source.Name}' ends with frame {count - 1}; give a frame that is there.");
        }

        var plan = timeline.Plan(prompts.Direction(parsed));
        using var tracker = model.Load(parsed);
        using var session = tracker.StartSession();
        using var backward = plan.Backward is null ? null : tracker.StartSession();
        var objects = new ObjectSummaries();
        var scratch = Path.Combine(directory, ".backward");
        var (summary, written) = (default(TrackingSummary)!, 0);
        try
        {
            using var log = parsed.GetValue(refinements) is { } path ? new RefinementLog(path) : null;
            using var sinks = new SinkList(kinds.Select(kind => ExportOption.Open(directory, kind)));
            summary = await FrameProgress.RunAsync(terminal, parsed.GetValue(quiet), "tracking", source.Count, advance =>
            {
                var pipeline = new TrackingPipeline(source, session, plan)
                {
                    Sinks = sinks.All,
                    Backward = backward is null ? null : new(backward, scratch) { Tracked = _ => advance(0, "tracking backward") },
                    Tracked = (_, tracked) =>
                    {
                        written++;
                        objects.Add(tracked);
                        log?.Add(tracked);
                        advance();
                    },
                };
                return pipeline.RunAsync(cancellation);
            }).ConfigureAwait(false);
            log?.Commit();
        }
        catch (MediaException e) when (written > 0)
        {
            throw new MediaException($"{e.Message.TrimEnd('.')}. The results of the {written} frames before it are whole, in '{directory}'.", e);
        }
        finally
        {
            if (backward is not null && Directory.Exists(scratch))
            {
                Directory.Delete(scratch, recursive: true);
            }
        }

        Report(parsed, new(
            tracker.Model,
            tracker.Refiner,
            summary.Frames,
            objects.All.Count,
            first.Width,
            first.Height,
            summary.FramesPerSecond,
            summary.Elapsed.TotalSeconds,
            kinds.ToDictionary(kind => kind, kind => ExportOption.PathOf(directory, kind)),
            objects.All,
            summary.Stages.ToDictionary(stage => stage.Key, stage => stage.Value.TotalMilliseconds / Math.Max(1, summary.Frames))));
        return ExitCode.Ok;
    }

    private void Report(ParseResult parsed, TrackReport report)
    {
        if (parsed.GetValue(json))
        {
            terminal.WriteJson(report);
            return;
        }

        terminal.Out.WriteLine($"{report.Frames} frames, {report.Objects} object{(report.Objects == 1 ? string.Empty : "s")}, {report.Fps:0.0} frames/s");
        foreach (var (kind, path) in report.Outputs)
        {
            terminal.Out.WriteLine($"{kind}: {path}");
        }
    }

    private static void RefuseToOverwrite(FrameSource source, string target)
    {
        if (Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Name)) == Path.GetFullPath(target))
        {
            throw new UsageException($"the frames lie in '{source.Name}', where the results would be written; choose another output folder.");
        }
    }
}

/// <summary>track --json.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Refiner">The mask refiner's name, or "off".</param>
/// <param name="Frames">Frames tracked.</param>
/// <param name="Objects">Number of objects.</param>
/// <param name="Width">Of the frames, pixels.</param>
/// <param name="Height">Of the frames, pixels.</param>
/// <param name="Fps">Frames per second from the first decode to the last result written.</param>
/// <param name="Seconds">The time that took.</param>
/// <param name="Outputs">Kind of export and where it is.</param>
/// <param name="PerObject">What became of each object.</param>
/// <param name="Stages">Milliseconds a frame; the stages overlap.</param>
internal sealed record TrackReport(
    string Model,
    string Refiner,
    int Frames,
    int Objects,
    int Width,
    int Height,
    double Fps,
    double Seconds,
    IReadOnlyDictionary<string, string> Outputs,
    IReadOnlyList<ObjectSummary> PerObject,
    IReadOnlyDictionary<string, double> Stages);
