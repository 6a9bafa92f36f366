using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using HqTrack.Media;

namespace HqTrack.Cli.Options;

/// <summary>--box and --point: objects of one image, with an id in front where there can be several.</summary>
internal sealed class PromptOptions
{
    private const string BoxForm = "x,y,width,height in whole pixels";
    private const string PointForm = "x,y in pixels, or x,y,- for a point beside the object";

    private readonly bool needsId;
    private readonly Option<(int Id, Box Box)[]> boxes;
    private readonly Option<(int Id, PromptPoint Point)[]> points;

    /// <summary>Makes the options and adds them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="needsId">Whether an id must stand in front; else it is 1 where none does.</param>
    public PromptOptions(Command command, bool needsId)
    {
        this.needsId = needsId;
        var id = needsId ? "ID:" : "[ID:]";
        boxes = Create("--box", "Box around an object or a part of it; may be repeated", $"{id}x,y,w,h", Box);
        points = Create("--point", "Point on an object, or with ',-' beside it; may be repeated", $"{id}x,y[,-]", Point);
        command.Options.Add(boxes);
        command.Options.Add(points);
    }

    /// <summary>The options that point out objects, for "none of them was given".</summary>
    public IReadOnlyList<Option> All => [boxes, points];

    /// <summary>The objects, by the order of their first box or point.</summary>
    public IReadOnlyList<ObjectPrompt> Objects(ParseResult parsed)
    {
        var ownBoxes = parsed.GetValue(boxes) ?? [];
        var ownPoints = parsed.GetValue(points) ?? [];
        return [.. ownBoxes.Select(entry => entry.Id).Concat(ownPoints.Select(entry => entry.Id)).Distinct().Select(id => new ObjectPrompt(
            id, [.. ownBoxes.Where(entry => entry.Id == id).Select(entry => entry.Box)], [.. ownPoints.Where(entry => entry.Id == id).Select(entry => entry.Point)]))];
    }

    private Option<(int, T)[]> Create<T>(string name, string description, string helpName, Func<string, string, ArgumentResult, T> parse) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => [.. result.Tokens.Select(token =>
        {
            var (id, rest) = Id(name, token.Value, result);
            return (id, parse(token.Value, rest, result));
        })],
    };

    private (int Id, string Numbers) Id(string name, string text, ArgumentResult result)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 && !needsId)
        {
            return (1, text);
        }

        if (colon > 0 && int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id is >= 1 and <= LabelMap.MaxId)
        {
            return (id, text[(colon + 1)..]);
        }

        result.AddError($"{name} '{text}' has no usable object id; expected ID: in front, with an id from 1 to {LabelMap.MaxId}");
        return (1, text[(colon + 1)..]);
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
