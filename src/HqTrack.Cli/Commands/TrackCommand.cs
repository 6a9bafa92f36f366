using System.CommandLine;
using System.Text.Json.Nodes;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Exports;
using HqTrack.Media;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack track VIDEO --mask FILE -o DIR: objects pointed out in any frames, by masks, boxes or points, through the whole video.</summary>
internal sealed class TrackCommand
{
    private readonly Option<string> output = Opt.Output("Folder for the results; made where it is missing");
    private readonly Option<ExportKind[]> export = ExportOption.Create();
    private readonly Option<string> events = new("--events") { Description = "Also write what happened to each object (lost, reappeared, perhaps occluded), JSON lines", HelpName = "FILE" };
    private readonly Option<string> refinements = new("--refinements") { Description = "Also write what the refiner did with each object in each frame, JSON lines", HelpName = "FILE" };
    private readonly Option<long?> maxMemory = Opt.Memory("--max-memory", "Most memory the process may take, such as 2G; the network works at a smaller size where it needs more, which is said");
    private readonly Option<bool> noResume = new("--no-resume") { Description = "Start anew where the output folder holds an unfinished run, instead of going on with it" };
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private const string Budget = "max_memory";
    private const string ShortSide = "short_side";

    private readonly Terminal terminal;

    private TrackCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var track = new TrackCommand(terminal);
        var command = new Command("track", "Follow objects through a video, from masks, boxes or points in any of its frames");
        var source = new SourceOptions(command);
        var prompts = new TimelineOptions(command);
        command.Options.Add(track.output);
        command.Options.Add(track.export);
        var model = new ModelOptions(command);
        command.Options.Add(track.events);
        command.Options.Add(track.refinements);
        command.Options.Add(track.maxMemory);
        command.Options.Add(track.noResume);
        command.Options.Add(track.quiet);
        command.Options.Add(track.json);
        command.Validators.Add(result =>
        {
            if (result.GetResult(source.Video) is { Tokens.Count: > 0 } && !prompts.All.Any(option => result.GetResult(option) is not null))
            {
                result.AddError("nothing says what to follow; expected --mask FILE, --box ID:x,y,w,h, --point ID:x,y or --prompts FILE");
            }
        });
        command.SetAction((parsed, cancellation) => track.RunAsync(parsed, source, model, prompts, cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, SourceOptions video, ModelOptions model, TimelineOptions prompts, CancellationToken cancellation)
    {
        var (directory, kinds) = (parsed.GetRequiredValue(output), parsed.GetRequiredValue(export));
        using var source = video.Open(parsed);
        foreach (var kind in kinds)
        {
            RefuseToOverwrite(source, Path.Combine(directory, kind.Output));
        }

        var first = source.First;
        var timeline = prompts.Read(parsed, first);
        if (timeline.Frames.Where(frame => !source.MayHold(frame)).Cast<int?>().FirstOrDefault() is { } beyond)
        {
            throw new UsageException($"a prompt is for frame {beyond}, which is not tracked: '{source.Name}' has the frames {first.Index} to {source.LastIndex?.ToString() ?? "its end"}{(source.Count - 1 < source.LastIndex - first.Index ? ", not all of them" : string.Empty)}; give one of them.");
        }

        var plan = timeline.Plan(prompts.Direction(parsed));
        using var tracker = model.Load(parsed);
        PromptReader.CheckRefiner(timeline.ObjectPrompts, tracker.HasRefiner);
        KeepMemory(parsed, tracker, directory, plan, source);
        var identity = new JsonObject
        {
            ["video"] = video.Identity(parsed, source),
            ["prompts"] = $"{prompts.Direction(parsed)} {timeline.Digest()}",
            ["export"] = string.Join(',', kinds.Select(kind => kind.Name)),
            ["events"] = parsed.GetValue(events),
            ["refinements"] = parsed.GetValue(refinements),
            ["model"] = model.Identity(parsed, tracker),
            [Budget] = parsed.GetValue(maxMemory),
            [ShortSide] = tracker.MaxSize,
        };
        using var run = new TrackRun(
            new(directory, source, plan, kinds, parsed.GetValue(events), parsed.GetValue(refinements), identity, !parsed.GetValue(noResume)), tracker);
        if (run.ResumesAfter is { } done && !parsed.GetValue(quiet))
        {
            terminal.Error.WriteLine($"going on after frame {done}, where an earlier run stopped");
        }

        var guard = parsed.GetValue(maxMemory) is { } budget ? new MemoryGuard(budget) : null;
        TrackingSummary summary;
        try
        {
            summary = await FrameProgress.RunAsync(
                terminal, parsed.GetValue(quiet), "tracking", source.Count - run.Objects.Frames, advance => run.RunAsync(Guarded(advance, guard), cancellation)).ConfigureAwait(false);
        }
        catch (MediaException e) when (run.Objects.Frames > 0)
        {
            throw new MediaException($"{e.Message.TrimEnd('.')}. The results of the {run.Objects.Frames} frames before it are whole, in '{directory}'.", e);
        }

        Report(parsed, new(
            tracker.Model,
            tracker.Refiner,
            run.Objects.Frames,
            run.Objects.All.Count,
            first.Width,
            first.Height,
            summary.FramesPerSecond,
            summary.Elapsed.TotalSeconds,
            kinds.ToDictionary(kind => kind.Name, kind => PathOf(directory, kind)),
            run.Objects.All,
            ProcessMemory.PeakEverMegabytes(),
            summary.Stages.ToDictionary(stage => stage.Key, stage => stage.Value.TotalMilliseconds / Math.Max(1, summary.Frames))));
        return ExitCode.Ok;
    }

    private static Advance Guarded(Advance advance, MemoryGuard? guard) => guard is null ? advance : (frames, title) =>
    {
        guard.Look();
        advance(frames, title);
    };

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

    private void KeepMemory(ParseResult parsed, HqTracker tracker, string directory, TrackingPlan plan, PeekedSource source)
    {
        if (parsed.GetValue(maxMemory) is not { } budget)
        {
            return;
        }

        var wanted = tracker.MaxSize;
        var earlier = parsed.GetValue(noResume) ? null : RunFolder.IdentityOf(directory);
        tracker.MaxSize = earlier?[Budget]?.GetValue<long>() == budget && earlier?[ShortSide]?.GetValue<int>() is { } before
            ? Math.Min(before, wanted)
            : MemoryBudget.ShortSide(budget, tracker, plan, source);
        if (tracker.MaxSize < wanted)
        {
            terminal.Error.WriteLine($"the network works at a short side of {tracker.MaxSize} instead of {wanted} to stay within {budget / (1 << 20)} MB");
        }
    }

    // Where there is no ffmpeg the overlay video is an animation.
    private static string PathOf(string directory, ExportKind kind)
    {
        var path = Path.Combine(directory, kind.Output);
        var other = Path.ChangeExtension(path, ".webp");
        return kind.Output.EndsWith(".mp4", StringComparison.Ordinal) && !File.Exists(path) && File.Exists(other) ? other : path;
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
/// <param name="PeakMemoryMb">Most memory of the process, in MB of 2^20 bytes.</param>
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
    double PeakMemoryMb,
    IReadOnlyDictionary<string, double> Stages);
