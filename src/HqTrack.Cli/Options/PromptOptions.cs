using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using HqTrack.Media;

namespace HqTrack.Cli.Options;

/// <summary>--box and --point: objects of an image, with an id in front where there can be several, and of a video also with a frame.</summary>
internal sealed class PromptOptions
{
    private const string BoxForm = "x,y,width,height in whole pixels";
    private const string PointForm = "x,y in pixels, or x,y,- for a point beside the object";

    private readonly bool needsId;
    private readonly Option<(PromptTarget Target, Box Box)[]> boxes;
    private readonly Option<(PromptTarget Target, PromptPoint Point)[]> points;

    /// <summary>Makes the options and adds them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="needsId">Whether an id must stand in front, and a frame may stand behind it; else the id is 1 where none does.</param>
    public PromptOptions(Command command, bool needsId)
    {
        this.needsId = needsId;
        var id = needsId ? "ID[@FRAME]:" : "[ID:]";
        boxes = Create("--box", "Box around an object or a part of it; may be repeated", $"{id}x,y,w,h", Box);
        points = Create("--point", "Point on an object, or with ',-' beside it; may be repeated", $"{id}x,y[,-]", Point);
        command.Options.Add(boxes);
        command.Options.Add(points);
    }

    /// <summary>The options that point out objects, for "none of them was given".</summary>
    public IReadOnlyList<Option> All => [boxes, points];

    /// <summary>The objects of one image, by the order of their first box or point.</summary>
    public IReadOnlyList<ObjectPrompt> Objects(ParseResult parsed) => [.. ByFrame(parsed, 0).SelectMany(frame => frame.Value)];

    /// <summary>The objects by frame; those without a frame are in <paramref name="first"/>.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<ObjectPrompt>> ByFrame(ParseResult parsed, int first)
    {
        var ownBoxes = parsed.GetValue(boxes) ?? [];
        var ownPoints = parsed.GetValue(points) ?? [];
        return ownBoxes.Select(entry => entry.Target).Concat(ownPoints.Select(entry => entry.Target)).Distinct().GroupBy(target => target.Frame ?? first).ToDictionary(
            frame => frame.Key,
            frame => (IReadOnlyList<ObjectPrompt>)[.. frame.Select(target => target.Id).Distinct().Select(id => new ObjectPrompt(
                id,
                [.. ownBoxes.Where(entry => Is(entry.Target, id, frame.Key)).Select(entry => entry.Box)],
                [.. ownPoints.Where(entry => Is(entry.Target, id, frame.Key)).Select(entry => entry.Point)]))]);

        bool Is(PromptTarget target, int id, int frame) => target.Id == id && (target.Frame ?? first) == frame;
    }

    private Option<(PromptTarget, T)[]> Create<T>(string name, string description, string helpName, Func<string, string, ArgumentResult, T> parse) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => [.. result.Tokens.Select(token =>
        {
            var (target, rest) = Target(name, token.Value, result);
            return (target, parse(token.Value, rest, result));
        })],
    };

    private (PromptTarget Target, string Numbers) Target(string name, string text, ArgumentResult result)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 && !needsId)
        {
            return (new(1, null), text);
        }

        var parts = colon > 0 ? text[..colon].Split('@') : [];
        var frame = 0;
        var hasFrame = parts.Length == 2 && needsId && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out frame);
        if ((parts.Length == 1 || hasFrame) && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id is >= 1 and <= LabelMap.MaxId)
        {
            return (new(id, hasFrame ? frame : null), text[(colon + 1)..]);
        }

        result.AddError($"{name} '{text}' has no usable object id; expected {(needsId ? "ID: or ID@FRAME:" : "ID:")} in front, with an id from 1 to {LabelMap.MaxId}");
        return (new(1, null), text[(colon + 1)..]);
    }

    private static Box Box(string text, string rest, ArgumentResult result)
    {
        var numbers = rest.Split(',');
        if (numbers.Length == 4 && numbers.All(number => int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
        {
            var values = numbers.Select(number => int.Parse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)).ToArray();
            return new(values[0], values[1], values[2], values[3]);
        }

        result.AddError($"--box '{text}' is not usable; expected {BoxForm}");
        return default;
    }

    private static PromptPoint Point(string text, string rest, ArgumentResult result)
    {
        var parts = rest.Split(',');
        if (parts.Length is 2 or 3
            && double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && double.IsFinite(x)
            && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var y) && double.IsFinite(y)
            && (parts.Length == 2 || parts[2] is "-" or "+"))
        {
            return new(x, y, IsInside: parts.Length == 2 || parts[2] == "+");
        }

        result.AddError($"--point '{text}' is not usable; expected {PointForm}");
        return default;
    }
}

/// <summary>Which object, and in which frame; null where none was said.</summary>
internal readonly record struct PromptTarget(int Id, int? Frame);
