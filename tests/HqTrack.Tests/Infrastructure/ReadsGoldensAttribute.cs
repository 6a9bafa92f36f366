using System.Text;
using System.Text.RegularExpressions;

namespace HqTrack.Tests.Infrastructure;

/// <summary>
/// Says which golden files a test class reads: a path below the golden root, '*' for any part of a name, '**' for any folders.
/// <see cref="Goldens"/> refuses files that the class did not declare, and <c>GoldensTests</c> compares what is declared with what is on disk.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed partial class ReadsGoldensAttribute(string pattern) : Attribute
{
    private readonly Regex regex = ToRegex(pattern);

    /// <summary>The pattern, as in "vmos/engine_*".</summary>
    public string Pattern => pattern;

    /// <summary>Only tests that run on demand (Explicit) read these files.</summary>
    public bool OnDemand { get; init; }

    /// <summary>Whether a file is meant; '/' separates folders.</summary>
    public bool Matches(string relative) => regex.IsMatch(relative);

    internal static Regex ToRegex(string pattern)
    {
        var text = new StringBuilder("^");
        foreach (Match token in Tokens().Matches(pattern))
        {
            text.Append(token.Value switch
            {
                "**" => ".*",
                "*" => "[^/]*",
                var literal => Regex.Escape(literal),
            });
        }

        return new Regex(text.Append('$').ToString(), RegexOptions.CultureInvariant);
    }

    [GeneratedRegex(@"\*\*|\*|[^*]+")]
    private static partial Regex Tokens();
}
