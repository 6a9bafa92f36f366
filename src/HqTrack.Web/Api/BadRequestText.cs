using System.Text.Json;
using System.Text.RegularExpressions;

namespace HqTrack.Web.Api;

/// <summary>What is wrong with a request's JSON or query, for people: the reader's own messages name types of this program.</summary>
internal static partial class BadRequestText
{
    /// <summary>A request that does not bind.</summary>
    public static string Of(BadHttpRequestException e)
    {
        if (e.InnerException is JsonException json)
        {
            return Of(json);
        }

        if (Parameter().Match(e.Message) is { Success: true } bad)
        {
            var expected = bad.Groups["type"].Value.Contains("bool", StringComparison.OrdinalIgnoreCase) ? "true or false" : "a whole number that fits";
            return $"{bad.Groups["name"].Value} is \"{bad.Groups["value"].Value}\", expected {expected}.".ReplaceLineEndings(" ");
        }

        return e.Message.Contains("no body was provided", StringComparison.Ordinal) || e.Message.Contains("was not provided from body", StringComparison.Ordinal)
            ? "the body is empty or null, expected a JSON object."
            : e.Message.ReplaceLineEndings(" ");
    }

    /// <summary>JSON that cannot be read: where, and why.</summary>
    public static string Of(JsonException e)
    {
        var place = string.IsNullOrEmpty(e.Path) || e.Path == "$" ? string.Empty : $" at {e.Path}";
        var why = e.Message switch
        {
            var text when Missing().Match(text) is { Success: true } missing => $"{missing.Groups[1].Value} is missing",
            var text when Unknown().Match(text) is { Success: true } unknown => $"{unknown.Groups[1].Value} is no member of it",
            var text when Doubled().Match(text) is { Success: true } doubled => $"{doubled.Groups[1].Value} is there twice",
            var text when text.Contains("allow null values", StringComparison.Ordinal) => "null is not allowed",
            var text when text.Contains("could not be converted", StringComparison.Ordinal) => "another kind of value is expected, or the number does not fit",
            var text => text.Split(" Path: ")[0].TrimEnd('.'),
        };
        return $"the JSON cannot be used{place}: {why}; see docs/api.md.".ReplaceLineEndings(" ");
    }

    [GeneratedRegex("parameter \"(?<type>\\S+) (?<name>\\w+)\" from \"(?<value>.*)\"", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Parameter();

    [GeneratedRegex("missing required properties including: (.+?)\\.?$", RegexOptions.CultureInvariant)]
    private static partial Regex Missing();

    [GeneratedRegex("The JSON property ('.*') could not be mapped", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Unknown();

    [GeneratedRegex("Duplicate property ('.*') encountered", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Doubled();
}
