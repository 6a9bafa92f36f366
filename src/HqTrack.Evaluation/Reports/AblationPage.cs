using System.Globalization;
using HqTrack.Evaluation.Ablations;

namespace HqTrack.Evaluation.Reports;

/// <summary>report.html of a study: table, chart, the paper's finding and what differs.</summary>
internal static class AblationPage
{
    /// <summary>What the column frames/s means where all settings came from one pass.</summary>
    public const string OnePassNote = "that of the one pass that gave all rows: tracking, asking the refiner, putting every gate to its answers, scoring; not the speed of a setting by itself.";

    /// <summary>Makes the page.</summary>
    /// <param name="study">The study.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="subject">Model and dataset.</param>
    /// <param name="missing">Settings that could not be run, and why.</param>
    public static HtmlPage Make(AblationStudy study, IReadOnlyList<AblationRow> rows, string subject, IReadOnlyList<string> missing)
    {
        var page = new HtmlPage($"{study.Title}: {subject}");
        var (header, cells) = Table(rows);
        page.Table(header, cells);
        if (study.OnePass is not null)
        {
            page.Paragraph($"Frames/s is {OnePassNote}");
        }

        if (rows.Count > 0)
        {
            var hasContours = rows.All(row => row.JAndF is not null);
            page.Chart(
                BarChart.Fractions(hasContours ? "J&F" : "quality (AUC)", [.. rows.Select(row => (row.Value, row.JAndF ?? row.Auc))], ChartColors.All[0]),
                "AUC is VOTS quality: the mean overlap over an object's frames that count, then objects, then sequences. The spread is the standard deviation over sequences.");
        }

        page.Heading("The paper");
        page.Paragraph(study.Published);
        page.Paragraph($"What differs here: {study.Differs} Model and data: {subject}.");
        if (missing.Count > 0)
        {
            page.Heading("Not run");
            page.Table(["setting and reason"], missing.Select(text => (string[])[text]));
        }

        return page;
    }

    /// <summary>The table: column heads, and each row's cells. The paper's column is there where it has a number for any row.</summary>
    public static (IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Cells) Table(IReadOnlyList<AblationRow> rows)
    {
        var hasPaper = rows.Any(row => row.Paper is not null);
        string[] Cells(AblationRow row) =>
        [
            row.Value, Number(row.JAndF), Number(row.J), Number(row.F), Number(row.Auc), Number(row.Std),
            row.Fps is { } fps ? fps.ToString("0.0", CultureInfo.InvariantCulture) : "-",
            .. hasPaper ? (string[])[Number(row.Paper)] : [],
        ];
        return (["setting", "J&F", "J", "F", "AUC", "spread", "frames/s", .. hasPaper ? (string[])["paper"] : []], [.. rows.Select(Cells)]);
    }

    private static string Number(double? value) => value is { } number && double.IsFinite(number) ? number.ToString("0.000", CultureInfo.InvariantCulture) : "-";
}
