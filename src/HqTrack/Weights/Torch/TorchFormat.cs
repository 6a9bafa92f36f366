using System.Text;

namespace HqTrack.Weights.Torch;

/// <summary>The wording of what can be wrong with a torch checkpoint: one line, whatever the file holds.</summary>
internal static class TorchFormat
{
    private const int LongestQuote = 80;

    /// <summary>A damaged or foreign file.</summary>
    public static CheckpointFormatException Bad(string file, string found, Exception? inner = null) =>
        new($"{file}: found {found}; expected a whole checkpoint as torch.save writes it, fetch or export it again.", inner);

    /// <summary>A good file that asks for more than weights need.</summary>
    public static CheckpointFormatException Unsupported(string file, string found) =>
        new($"{file}: found {found}; expected plain tensors, save the model's state_dict() again with torch.save.");

    /// <summary>Text of the file, fit for a message: short, without control characters.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (var rune in text.AsSpan(0, Math.Min(text.Length, LongestQuote)).EnumerateRunes())
        {
            quoted.Append(Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator ? "?" : rune.ToString());
        }

        return quoted.Append(text.Length > LongestQuote ? "...'" : "'").ToString();
    }
}
