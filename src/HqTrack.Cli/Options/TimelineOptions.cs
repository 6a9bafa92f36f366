using System.CommandLine;
using System.Globalization;
using HqTrack.Media;

namespace HqTrack.Cli.Options;

/// <summary>--mask, --box, --point, --prompts and --direction: what a person says about the objects of a video.</summary>
internal sealed class TimelineOptions
{
    private readonly Option<string[]> masks = new("--mask")
    {
        Description = "Indexed PNG of a frame, the first one where none is named: the index is the object's id; may be repeated, later masks of an object correct it",
        HelpName = "FILE[@FRAME]",
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> file = new("--prompts") { Description = "JSON list of prompts: objects to add, correct and remove, with frames", HelpName = "FILE" };
    private readonly Option<string> direction = Opt.Choice(
        "--direction", "forward from the first prompted frame, backward from the last, or both", "WAY", [.. Enum.GetNames<TrackingDirection>().Select(name => name.ToLowerInvariant())], "forward");

    private readonly PromptOptions objects;

    /// <summary>Makes the options and adds them to a command.</summary>
    public TimelineOptions(Command command)
    {
        command.Options.Add(masks);
        objects = new PromptOptions(command, needsId: true);
        command.Options.Add(file);
        command.Options.Add(direction);
    }

    /// <summary>The options that point out objects, for "none of them was given".</summary>
    public IReadOnlyList<Option> All => [masks, .. objects.All, file];

    /// <summary>Which way was chosen.</summary>
    public TrackingDirection Direction(ParseResult parsed) => Enum.Parse<TrackingDirection>(parsed.GetRequiredValue(direction), ignoreCase: true);

    /// <summary>Reads everything that was said. Prompts without a frame are for the first one.</summary>
    /// <exception cref="MediaException">A mask cannot be read or has another size.</exception>
    /// <exception cref="PromptException">A prompt cannot be meant.</exception>
    public PromptTimeline Read(ParseResult parsed, Frame first)
    {
        var timeline = new PromptTimeline();
        var pointedOut = objects.ByFrame(parsed, first.Index);
        foreach (var entry in pointedOut.Values.SelectMany(entries => entries))
        {
            entry.Validate(first.Width, first.Height); // before the model is loaded
        }

        foreach (var (path, frame) in (parsed.GetValue(masks) ?? []).Select(text => Split(text, first.Index)))
        {
            timeline.Add(frame, Prompt.Mask(MaskFile.Read(path, first.Width, first.Height)));
        }

        foreach (var (frame, entries) in pointedOut)
        {
            timeline.Add(frame, Prompt.Objects(entries));
        }

        if (parsed.GetValue(file) is { } prompts)
        {
            PromptFile.Read(prompts, first, timeline);
        }

        return timeline;
    }

    // A file may have '@' in its name; only digits behind the last one are a frame, and not where a file of the whole name is there.
    private static (string Path, int Frame) Split(string text, int first)
    {
        var at = text.LastIndexOf('@');
        return at > 0 && int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var frame) && !File.Exists(text)
            ? (text[..at], frame)
            : (text, first);
    }
}
