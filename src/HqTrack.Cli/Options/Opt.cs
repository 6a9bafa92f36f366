using System.CommandLine;
using System.Globalization;

namespace HqTrack.Cli.Options;

/// <summary>Makes options whose errors are one line: found, expected.</summary>
internal static class Opt
{
    /// <summary>--json, on everything that reports.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document on stdout" };

    /// <summary>--quiet, on everything that shows progress.</summary>
    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "No progress on stderr; errors still show" };

    /// <summary>-o DIR.</summary>
    public static Option<string> Output(string description, string? fallback = null)
    {
        var option = new Option<string>("--output", "-o") { Description = description, HelpName = "DIR", Required = fallback is null };
        if (fallback is not null)
        {
            option.DefaultValueFactory = _ => fallback;
        }

        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError("--output is empty; expected a folder");
            }
        });
        return option;
    }

    /// <summary>One of a few words.</summary>
    public static Option<string> Choice(string name, string description, string helpName, IReadOnlyList<string> values, string? fallback)
    {
        var option = new Option<string>(name) { Description = description, HelpName = helpName };
        if (fallback is not null)
        {
            option.DefaultValueFactory = _ => fallback;
        }

        option.CompletionSources.Add(_ => values.Select(value => new System.CommandLine.Completions.CompletionItem(value)));
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && !values.Contains(value))
            {
                result.AddError($"{name} '{value}' is not known; expected {(values.Count > 1 ? "one of " : string.Empty)}{string.Join(", ", values)}");
            }
        });
        return option;
    }

    /// <summary>A whole number in a range; null when it is not given.</summary>
    public static Option<int?> Integer(string name, string description, int minimum, int maximum = int.MaxValue) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, out var value) && value >= minimum && value <= maximum)
            {
                return value;
            }

            var range = maximum == int.MaxValue ? $"of at least {minimum}" : $"from {minimum} to {maximum}";
            result.AddError($"{name} '{result.Tokens[0].Value}' is not usable; expected a whole number {range}");
            return null;
        },
    };

    /// <summary>A number above <paramref name="above"/>; null when it is not given.</summary>
    public static Option<double?> Number(string name, string description, double above) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > above)
            {
                return value;
            }

            result.AddError($"{name} '{result.Tokens[0].Value}' is not usable; expected a number above {above}");
            return null;
        },
    };

    /// <summary>A number from 0 to 1; null when it is not given.</summary>
    public static Option<double?> Share(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1)
            {
                return value;
            }

            result.AddError($"{name} '{result.Tokens[0].Value}' is not usable; expected a number from 0 to 1");
            return null;
        },
    };

    /// <summary>An amount of memory such as 2G or 1500M, in bytes; null when it is not given.</summary>
    public static Option<long?> Memory(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value.ToUpperInvariant();
            var unit = text.EndsWith('G') ? 1L << 30 : text.EndsWith('M') ? 1L << 20 : 0;
            if (unit > 0 && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount * unit is >= 1 << 20 and < 1L << 50)
            {
                return (long)(amount * unit);
            }

            result.AddError($"{name} '{result.Tokens[0].Value}' is not usable; expected an amount of memory such as 2G or 1500M");
            return null;
        },
    };

    /// <summary>A size such as 640x360.</summary>
    public static Option<FrameSize> Size(string name, string description, FrameSize fallback) => new(name)
    {
        Description = description,
        HelpName = "WxH",
        DefaultValueFactory = _ => fallback,
        CustomParser = result =>
        {
            var sides = result.Tokens[0].Value.Split('x');
            if (sides is [var first, var second] && int.TryParse(first, out var width) && int.TryParse(second, out var height) && width >= 32 && height >= 32)
            {
                return new(width, height);
            }

            result.AddError($"{name} '{result.Tokens[0].Value}' is not usable; expected WIDTHxHEIGHT in pixels, 32 or more each, such as {fallback}");
            return fallback;
        },
    };
}

/// <summary>A width and a height in pixels.</summary>
internal readonly record struct FrameSize(int Width, int Height)
{
    public override string ToString() => $"{Width}x{Height}";
}
