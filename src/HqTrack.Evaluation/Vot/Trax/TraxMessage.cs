using System.Text;

namespace HqTrack.Evaluation.Vot.Trax;

/// <summary>What a line of the protocol says.</summary>
internal enum TraxMessageType
{
    Hello,
    Initialize,
    Frame,
    State,
    Quit,
}

/// <summary>One message: a type, positional arguments, named arguments.</summary>
internal sealed record TraxMessage(TraxMessageType Type, IReadOnlyList<string> Arguments, TraxProperties Properties)
{
    /// <summary>What every line of the protocol begins with.</summary>
    public const string Prefix = "@@TRAX:";

    /// <summary>A message without named arguments.</summary>
    public TraxMessage(TraxMessageType type, params IReadOnlyList<string> arguments)
        : this(type, arguments, TraxProperties.None)
    {
    }

    /// <summary>The line with its end, as the official library writes it: everything quoted, a space after each argument.</summary>
    public override string ToString()
    {
        var line = new StringBuilder(Prefix).Append(Type.ToString().ToLowerInvariant()).Append(' ');
        foreach (var argument in Arguments)
        {
            Quote(line, null, argument);
        }

        foreach (var (key, value) in Properties)
        {
            Quote(line, key, value);
        }

        return line.Append('\n').ToString();
    }

    private static void Quote(StringBuilder line, string? key, string text)
    {
        line.Append('"');
        if (key is not null)
        {
            line.Append(key).Append('=');
        }

        foreach (var letter in text)
        {
            _ = letter switch
            {
                '"' => line.Append("\\\""),
                '\\' => line.Append("\\\\"),
                '\n' => line.Append("\\n"),
                _ => line.Append(letter),
            };
        }

        line.Append("\" ");
    }
}
