using System.Globalization;
using System.Text.Json.Nodes;
using HqTrack.Evaluation.Experiments;

namespace HqTrack.Cli.Output;

/// <summary>eval --json: the dataset's scores by their names (fractions; "NaN" for a mean over nothing, null where a score has no value), then facts, then sequences.</summary>
internal static class EvalReport
{
    /// <summary>Takes a result over.</summary>
    /// <param name="experiment">The dataset.</param>
    /// <param name="result">What it gave.</param>
    /// <param name="model">The model; null where results were scored.</param>
    public static JsonObject Of(IExperiment experiment, ExperimentResult result, string? model)
    {
        var document = Scores(result.Totals);
        document["quality_auc"] = Value(result.Quality);
        document["model"] = model;
        document["dataset"] = experiment.Root;
        document["set"] = experiment.Set;
        document["objects"] = result.Objects;
        document["fps"] = Value(result.FramesPerSecond);
        document["peak_memory_mb"] = Value(result.PeakMemoryMb);
        document["sequences"] = new JsonArray([.. result.Sequences.Select(sequence =>
        {
            var entry = new JsonObject { ["name"] = sequence.Name, ["objects"] = sequence.Curves.Count };
            foreach (var (name, value) in sequence.Scores)
            {
                entry[name] = Value(value);
            }

            return entry;
        })]);
        return document;
    }

    /// <summary>A score's name in tables.</summary>
    public static string Label(string name) => name == "j_and_f" ? "J&F" : name.ToUpperInvariant().Replace('_', ' ');

    /// <summary>A score in tables.</summary>
    public static string Number(double? value) => value is { } number ? number.ToString("0.000", CultureInfo.InvariantCulture) : "-";

    private static JsonObject Scores(IEnumerable<KeyValuePair<string, double?>> totals)
    {
        var document = new JsonObject();
        foreach (var (name, value) in totals)
        {
            document[name] = Value(value);
        }

        return document;
    }

    private static JsonNode? Value(double? value) => value switch
    {
        null => null,
        { } number when double.IsNaN(number) => "NaN",
        { } number => number,
    };
}
