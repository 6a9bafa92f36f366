using System.CommandLine;
using HqTrack.Cli.Options;
using HqTrack.Cli.Output;
using HqTrack.Media;
using HqTrack.Refiner;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack segment IMAGE -o mask.png: objects of one image, by points and boxes, all of them, or sharpened from a rough mask.</summary>
internal sealed class SegmentCommand
{
    private readonly Argument<string> image = new("IMAGE") { Description = "JPEG, PNG or WebP" };
    private readonly Option<string> output = new("--output", "-o") { Description = "Mask to write: an indexed PNG, the index is the object's id", HelpName = "FILE", Required = true };
    private readonly Option<bool> all = new("--all") { Description = "Segment everything" };
    private readonly Option<string> mask = new("--mask") { Description = "Rough mask to sharpen, an indexed PNG", HelpName = "FILE" };
    private readonly Option<RefinementGate> gate = RefinerOptions.Gate();
    private readonly Option<string> overlay = new("--overlay") { Description = "Also write the image with its objects drawn over it, a JPEG", HelpName = "FILE" };
    private readonly Option<bool> quiet = Opt.Quiet();
    private readonly Option<bool> json = Opt.Json();
    private readonly SamOptions sam;
    private readonly PromptOptions prompts;
    private readonly Terminal terminal;

    private SegmentCommand(Terminal terminal, Command command)
    {
        this.terminal = terminal;
        command.Arguments.Add(image);
        command.Options.Add(output);
        prompts = new PromptOptions(command, needsId: false);
        foreach (var option in (Option[])[all, mask, gate, overlay])
        {
            command.Options.Add(option);
        }

        sam = new SamOptions(command);
        command.Options.Add(quiet);
        command.Options.Add(json);
        command.Validators.Add(result =>
        {
            var given = new[] { prompts.All.Any(option => result.GetResult(option) is not null), result.GetValue(all), result.GetResult(mask) is not null }.Count(isGiven => isGiven);
            if (given != 1 && result.GetResult(image) is { Tokens.Count: > 0 })
            {
                result.AddError(given == 0
                    ? "nothing says what to segment; expected --point x,y or --box x,y,w,h, --all, or --mask FILE"
                    : "--point and --box, --all and --mask exclude each other; give one of the three");
            }
        });
        command.SetAction(RunAsync);
    }

    public static Command Create(Terminal terminal)
    {
        var command = new Command("segment", "Masks of objects in one image, by points and boxes, or of everything");
        _ = new SegmentCommand(terminal, command);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var frame = ImageFile.Read(parsed.GetRequiredValue(image));
        var objects = prompts.Objects(parsed);
        foreach (var entry in objects)
        {
            entry.Validate(frame.Width, frame.Height); // before minutes of loading
        }

        var rough = parsed.GetValue(mask) is { } file ? MaskFile.Read(file, frame.Width, frame.Height) : null;
        using var segmenter = sam.Load(parsed);
        var report = rough is not null ? Refine(parsed, segmenter, frame, rough)
            : parsed.GetValue(all) ? await SegmentAllAsync(parsed, segmenter, frame, cancellation).ConfigureAwait(false)
            : Describe(segmenter, segmenter.Segment(frame, objects));
        Write(parsed, frame, report);
        return ExitCode.Ok;
    }

    private Task<(LabelMap, SegmentReport)> SegmentAllAsync(ParseResult parsed, ImageSegmenter segmenter, Frame frame, CancellationToken cancellation) =>
        FrameProgress.RunAsync(terminal, parsed.GetValue(quiet), "points", EverythingSegmenter.Points, advance => Task.Run(
            () =>
            {
                var last = 0;
                return Describe(segmenter, segmenter.SegmentAll(
                    frame,
                    done =>
                    {
                        advance(done - last);
                        last = done;
                    },
                    cancellation));
            },
            cancellation));

    private (LabelMap Labels, SegmentReport Report) Refine(ParseResult parsed, ImageSegmenter segmenter, Frame frame, LabelMap rough)
    {
        var (labels, refinements) = segmenter.Refine(frame, rough, parsed.GetValue(gate));
        var boxes = Box.Of(labels);
        return (labels, new(segmenter.Model, frame.Width, frame.Height, [.. refinements.Select(entry => new SegmentReportObject(
            entry.Id, labels.Ids.Count(id => id == entry.Id), boxes.TryGetValue(entry.Id, out var box) ? Numbers(box) : null, entry.PredictedIou, null, entry.MeasuredIou, entry.IsKept))]));
    }

    private static (LabelMap Labels, SegmentReport Report) Describe(ImageSegmenter segmenter, SegmentedImage result) =>
        (result.Labels, new(segmenter.Model, result.Labels.Width, result.Labels.Height, [.. result.Objects.Select(entry =>
            new SegmentReportObject(entry.Id, entry.Area, entry.Box is { } box ? Numbers(box) : null, entry.PredictedIou, entry.Stability, null, null))]));

    private static int[] Numbers(Box box) => [box.X, box.Y, box.Width, box.Height];

    private void Write(ParseResult parsed, Frame frame, (LabelMap Labels, SegmentReport Report) result)
    {
        MaskFile.Write(parsed.GetRequiredValue(output), result.Labels);
        if (parsed.GetValue(overlay) is { } path)
        {
            ImageFile.WriteJpeg(path, Overlay.Draw(frame, result.Labels));
        }

        if (parsed.GetValue(json))
        {
            terminal.WriteJson(result.Report);
            return;
        }

        foreach (var entry in result.Report.Objects)
        {
            terminal.Out.WriteLine($"object {entry.Id}: {entry.Area} pixels, predicted IoU {entry.PredictedIou ?? 0:0.000}{(entry.Kept is { } kept ? kept ? ", sharpened" : ", left alone" : string.Empty)}");
        }

        terminal.Out.WriteLine($"mask: {parsed.GetRequiredValue(output)}");
    }
}

/// <summary>segment --json.</summary>
/// <param name="Model">The network's name.</param>
/// <param name="Width">Of the image, pixels.</param>
/// <param name="Height">Of the image, pixels.</param>
/// <param name="Objects">What was found.</param>
internal sealed record SegmentReport(string Model, int Width, int Height, IReadOnlyList<SegmentReportObject> Objects);

/// <summary>One object of segment --json.</summary>
/// <param name="Id">Index in the mask.</param>
/// <param name="Area">Pixels.</param>
/// <param name="Box">x, y, width, height.</param>
/// <param name="PredictedIou">The network's own estimate.</param>
/// <param name="Stability">With --all.</param>
/// <param name="MeasuredIou">With --mask: IoU with the rough mask.</param>
/// <param name="Kept">With --mask: whether the sharpened mask was taken.</param>
internal sealed record SegmentReportObject(int Id, int Area, int[]? Box, double? PredictedIou, double? Stability, double? MeasuredIou, bool? Kept);
