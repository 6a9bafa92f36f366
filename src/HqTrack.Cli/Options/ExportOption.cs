using System.CommandLine;
using HqTrack.Exports;
using HqTrack.Web.Exporting;

namespace HqTrack.Cli.Options;

/// <summary>--export: which files a tracked video becomes.</summary>
internal static class ExportOption
{
    /// <summary>Makes the option; its value is a list of formats without repetition.</summary>
    public static Option<ExportKind[]> Create() => new("--export")
    {
        Description = $"What to write, separated by commas: {ExportFormats.Names}",
        HelpName = "KINDS",
        DefaultValueFactory = _ => [ExportFormats.All[0]],
        CustomParser = result =>
        {
            var chosen = result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)).Distinct().ToArray();
            if (chosen.FirstOrDefault(name => ExportFormats.Find(name) is null) is { } unknown)
            {
                result.AddError($"--export '{unknown}' is not known; expected a list of {ExportFormats.Names}");
                return [];
            }

            return [.. chosen.Select(name => ExportFormats.Find(name)!)];
        },
    };
}
