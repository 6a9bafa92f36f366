using System.CommandLine;
using System.Globalization;
using HqTrack.Cli.Options;
using HqTrack.Evaluation.Ablations;
using HqTrack.Refiner;

namespace HqTrack.Cli.Commands;

/// <summary>hqtrack ablate: the paper's studies, one command each.</summary>
internal static class AblateCommand
{
    private static readonly IReadOnlyList<double> Thresholds = [.. Enumerable.Range(0, 10).Select(i => i / 10.0)];

    /// <summary>Makes the command.</summary>
    public static Command Create(Terminal terminal) => new("ablate", "Repeat one of the paper's studies on a dataset")
    {
        Gap(terminal), Paradigm(terminal), TestTime(terminal), Refiner(terminal), Components(terminal),
    };

    private static Command Gap(Terminal terminal)
    {
        var gaps = List<int?>("--gaps", "Frames between two entries, 'none' for the reference frame alone [default: 5,10,20,50,100,none]", text =>
            text == "none" ? null : Whole(text, 1, ", or none"));
        return AblateStudyCommand.Create(terminal, "gap", "Gaps of the long-term memory", [gaps], (parsed, _) => AblationStudy.Gap(parsed.GetValue(gaps) ?? [5, 10, 20, 50, 100, null]));
    }

    private static Command Paradigm(Terminal terminal) =>
        AblateStudyCommand.Create(terminal, "paradigm", "Objects tracked jointly against an engine for each", [], (_, _) => AblationStudy.Paradigm());

    private static Command TestTime(Terminal terminal)
    {
        var sides = List("--sizes", "Short sides in pixels [default: 240,360]", text => Whole(text, 32));
        var bounds = List("--bounds", "Most frames in the long-term memory [default: 2,6]", text => Whole(text, 2));
        return AblateStudyCommand.Create(terminal, "test-time", "Choices at test time: size, bound of the memory, the mirror image as well", [sides, bounds], (parsed, _) =>
            AblationStudy.TestTime(parsed.GetValue(sides) ?? [240, 360], parsed.GetValue(bounds) ?? [2, 6]));
    }

    private static Command Refiner(Terminal terminal)
    {
        var thresholds = List("--thresholds", "Thresholds of both gates, 0 to 1 [default: 0,0.1,...,0.9]", text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1 ? value : throw new FormatException("numbers from 0 to 1"));
        return AblateStudyCommand.Create(terminal, "refiner", "Without a mask refiner, with it always, and gated", [thresholds], (parsed, options) =>
            AblationStudy.Refiner(options.Refiner is null or RefinerModel.Off ? "sam-lite" : options.Refiner, options.RefinerWeightsPath, parsed.GetValue(thresholds) ?? Thresholds, options.Refine));
    }

    private static Command Components(Terminal terminal)
    {
        var models = List("--models", $"Names of the models [default: {string.Join(',', AblationStudy.ComponentModels)}]", text => text);
        var folder = new Option<string>("--weights-dir") { Description = "Folder with the models' weights, NAME.safetensors (the repository's models/ablation) [default: imported ones]", HelpName = "DIR" };
        return AblateStudyCommand.Create(terminal, "components", "Encoder and scales: four models", [models, folder], (parsed, _) =>
            AblationStudy.Components(parsed.GetValue(models) ?? AblationStudy.ComponentModels, parsed.GetValue(folder)));
    }

    private static int Whole(string text, int least, string also = "") =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least ? value : throw new FormatException($"whole numbers of at least {least}{also}");

    private static Option<IReadOnlyList<T>?> List<T>(string name, string description, Func<string, T> parse) => new(name)
    {
        Description = description,
        HelpName = "LIST",
        CustomParser = result =>
        {
            try
            {
                return [.. result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(parse)];
            }
            catch (FormatException e)
            {
                result.AddError($"{name} '{result.Tokens[0].Value}' is not usable; expected {e.Message}, separated by commas");
                return null;
            }
        },
    };
}
