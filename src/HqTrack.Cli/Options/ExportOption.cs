using System.CommandLine;
using HqTrack.Evaluation.Vot;
using HqTrack.Exports;

namespace HqTrack.Cli.Options;

/// <summary>--export: which files a tracked video becomes.</summary>
internal static class ExportOption
{
    /// <summary>Every format.</summary>
    public static IReadOnlyList<ExportKind> Kinds { get; } = [.. ExportKind.All, VotExport.Kind];

    /// <summary>Makes the option; its value is a list of formats without repetition.</summary>
    public static Option<ExportKind[]> Create() => new("--export")
    {
        Description = $"What to write, separated by commas: {Names}",
        HelpName = "KINDS",
        DefaultValueFactory = _ => [Kinds[0]],
        CustomParser = result =>
        {
            var chosen = result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)).Distinct().ToArray();
            if (chosen.FirstOrDefault(name => Kinds.All(kind => kind.Name != name)) is { } unknown)
            {
                result.AddError($"--export '{unknown}' is not known; expected a list of {Names}");
                return [];
            }

            return [.. chosen.Select(name => Kinds.First(kind => kind.Name == name))];
        },
    };

    private static string Names => string.Join(", ", Kinds.Select(kind => kind.Name));
}
