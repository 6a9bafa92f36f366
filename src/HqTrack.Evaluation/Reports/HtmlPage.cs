using System.Net;
using System.Text;
using HqTrack.Media;

namespace HqTrack.Evaluation.Reports;

/// <summary>A report in one file: text, tables, SVG charts and pictures, nothing outside it.</summary>
internal sealed class HtmlPage
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 900px; margin: 2em auto; padding: 0 1em; }
        h1 { font-size: 1.6em; margin-bottom: .2em; } h2 { font-size: 1.2em; margin: 1.6em 0 .4em; }
        table { border-collapse: collapse; } th, td { padding: .25em 1.2em .25em 0; text-align: left; border-bottom: 1px solid #ddd; } td { font-variant-numeric: tabular-nums; }
        figure { margin: .8em 0; } figcaption { color: #555; font-size: .9em; } img, svg { max-width: 100%; height: auto; }
        .row { display: flex; gap: 1em; flex-wrap: wrap; } .row figure { flex: 1 1 260px; }
        """;

    private readonly StringBuilder body = new();
    private readonly string title;
    private int charts;

    /// <summary>Starts a page.</summary>
    public HtmlPage(string title)
    {
        this.title = title;
        body.Append($"<h1>{Escape(title)}</h1>\n");
    }

    /// <summary>A heading of a part.</summary>
    public void Heading(string text) => body.Append($"<h2>{Escape(text)}</h2>\n");

    /// <summary>A paragraph of plain text.</summary>
    public void Paragraph(string text) => body.Append($"<p>{Escape(text)}</p>\n");

    /// <summary>A table of plain text.</summary>
    public void Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        body.Append("<table>\n<tr>").AppendJoin(string.Empty, header.Select(cell => $"<th>{Escape(cell)}</th>")).Append("</tr>\n");
        foreach (var row in rows)
        {
            body.Append("<tr>").AppendJoin(string.Empty, row.Select(cell => $"<td>{Escape(cell)}</td>")).Append("</tr>\n");
        }

        body.Append("</table>\n");
    }

    /// <summary>A chart.</summary>
    /// <param name="svg">An svg element.</param>
    /// <param name="caption">Plain text below it.</param>
    public void Chart(string svg, string caption)
    {
        // Names inside an SVG are the whole page's, and every chart counts its clip paths from 1.
        var own = svg.Replace("id=\"clip", $"id=\"chart{++charts}-clip", StringComparison.Ordinal).Replace("url(#clip", $"url(#chart{charts}-clip", StringComparison.Ordinal);
        body.Append($"<figure>{own}<figcaption>{Escape(caption)}</figcaption></figure>\n");
    }

    /// <summary>Pictures beside each other.</summary>
    /// <param name="pictures">Bytes of a file, its media type such as "image/jpeg", and plain text below it.</param>
    public void Pictures(params IEnumerable<(byte[] File, string MediaType, string Caption)> pictures)
    {
        body.Append("<div class=\"row\">\n");
        foreach (var (file, mediaType, caption) in pictures)
        {
            body.Append($"<figure><img alt=\"{Escape(caption)}\" src=\"data:{mediaType};base64,{Convert.ToBase64String(file)}\"><figcaption>{Escape(caption)}</figcaption></figure>\n");
        }

        body.Append("</div>\n");
    }

    /// <summary>Writes the page, whole or not at all.</summary>
    /// <exception cref="MediaException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToString()));

    public override string ToString() => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Escape(title)}</title>
        <style>
        {Style}
        </style></head>
        <body>
        {body}</body>
        </html>

        """;

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
