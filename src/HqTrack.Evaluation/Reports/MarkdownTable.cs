namespace HqTrack.Evaluation.Reports;

/// <summary>Tables for documents.</summary>
internal static class MarkdownTable
{
    /// <summary>Makes a table; cells are plain text without bars.</summary>
    public static string Of(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows) =>
        string.Concat(new[] { header, [.. header.Select(_ => "---")] }.Concat(rows).Select(cells => $"| {string.Join(" | ", cells)} |\n"));
}
