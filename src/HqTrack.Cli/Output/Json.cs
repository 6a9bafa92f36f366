using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HqTrack.Cli.Output;

/// <summary>The form of every --json document: snake_case, numbers as they are, scores as fractions 0..1.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null, // keys are names of the user's: sequences, stages, models
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // a mean over no value is "NaN"
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Serialises a report.</summary>
    public static string Serialize<T>(T report) => JsonSerializer.Serialize(report, Options);

    /// <summary>Reads a report back.</summary>
    /// <exception cref="Evaluation.EvaluationException">The text is no such report.</exception>
    public static T Deserialize<T>(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, Options) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new Evaluation.EvaluationException($"a saved result cannot be read ({e.Message.ReplaceLineEndings(" ")}); run without --resume.", e);
        }
    }
}

/// <summary>What a command that failed prints with --json; the same line is on stderr.</summary>
internal sealed record FailureReport(string Error, int ExitCode);
