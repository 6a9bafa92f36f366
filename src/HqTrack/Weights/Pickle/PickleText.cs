using System.Globalization;
using System.Text;

namespace HqTrack.Weights.Pickle;

/// <summary>The text forms of protocol 0.</summary>
internal static class PickleText
{
    /// <summary>repr of a float, or null.</summary>
    public static object? Float(string text) => text switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null,
    };

    /// <summary>repr of a str of Python 2, or null where it has no quotes.</summary>
    public static string? Unquote(string text) => text is ['\'', .., '\''] or ['"', .., '"'] && text.Length >= 2 ? Unescape(text[1..^1], unicode: false) : null;

    /// <summary>Resolves escapes: \uXXXX and \UXXXXXXXX (raw-unicode-escape), or those of a quoted str.</summary>
    public static string Unescape(string text, bool unicode)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            var kind = text[i + 1];
            var digits = (unicode, kind) switch { (true, 'u') => 4, (true, 'U') => 8, (false, 'x') => 2, _ => 0 };
            if (digits > 0 && i + 2 + digits <= text.Length && int.TryParse(text.AsSpan(i + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                result.Append(code is >= 0x10000 and <= 0x10FFFF ? char.ConvertFromUtf32(code) : ((char)(ushort)code).ToString());
                i += 1 + digits;
            }
            else if (!unicode)
            {
                result.Append(kind switch { 'n' => '\n', 'r' => '\r', 't' => '\t', _ => kind });
                i++;
            }
            else
            {
                result.Append('\\');
            }
        }

        return result.ToString();
    }
}
