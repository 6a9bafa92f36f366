using System.CommandLine;
using HqTrack.Media;

namespace HqTrack.Cli.Options;

/// <summary>--export: which files a tracked video becomes.</summary>
internal static class ExportOption
{
    private static readonly Dictionary<string, (string Path, Func<string, IFrameSink> Open)> Kinds = new(StringComparer.Ordinal)
    {
        ["masks"] = ("masks", directory => new MaskSink(directory)),
        ["overlay"] = ("overlay", directory => new OverlaySink(directory)),
    };

    /// <summary>Makes the option; its value is a list of kinds without repetition.</summary>
    public static Option<string[]> Create() => new("--export")
    {
        Description = $"What to write, separated by commas: {string.Join(", ", Kinds.Keys)}",
        HelpName = "KINDS",
        DefaultValueFactory = _ => ["masks"],
        CustomParser = result =>
        {
            var chosen = result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)).Distinct().ToArray();
            if (chosen.FirstOrDefault(kind => !Kinds.ContainsKey(kind)) is { } unknown)
            {
                result.AddError($"--export '{unknown}' is not known; expected a list of {string.Join(", ", Kinds.Keys)}");
            }

            return chosen;
        },
    };

    /// <summary>Where a kind is written below the output folder.</summary>
    public static string PathOf(string directory, string kind) => Path.Combine(directory, Kinds[kind].Path);

    /// <summary>Opens a kind's sink.</summary>
    /// <exception cref="MediaException">The folder or file cannot be made.</exception>
    public static IFrameSink Open(string directory, string kind) => Kinds[kind].Open(directory);
}
