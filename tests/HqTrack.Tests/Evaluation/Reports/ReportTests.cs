using System.Xml.Linq;
using HqTrack.Evaluation.Reports;

namespace HqTrack.Tests.Evaluation.Reports;

public sealed class ReportTests
{
    private static readonly ChartLine[] Lines = [new("object 1", (192, 0, 0), [1, 0.5, 0]), new("object 2", (0, 192, 0), [0.25, double.NaN, 0.25])];

    [Fact]
    public void A_chart_is_an_svg_element_with_its_lines_and_labels()
    {
        var svg = XElement.Parse(LineChart.Fractions("frame", "J", Lines));
        Assert.Equal("svg", svg.Name.LocalName);
        Assert.NotNull(svg.Attribute("viewBox"));
        var texts = svg.Descendants().Where(element => element.Name.LocalName == "text").Select(text => text.Value).ToList();
        Assert.Superset(new HashSet<string> { "frame", "J", "object 1", "object 2", "0.5" }, texts.ToHashSet());
        Assert.Contains(svg.Descendants(), element => element.Attribute("style")?.Value.Contains("stroke:rgb(192,0,0)", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Measurements_start_at_zero_and_are_marked()
    {
        var svg = XElement.Parse(LineChart.Measured("objects", "ms", [new("small", (192, 0, 0), [(1, 40), (30, 90.5)])]));
        var texts = svg.Descendants().Where(element => element.Name.LocalName == "text").Select(text => text.Value).ToList();
        Assert.Superset(new HashSet<string> { "objects", "ms", "0", "30", "80" }, texts.ToHashSet());
        Assert.DoesNotContain("small", texts);
        Assert.Equal(2, svg.Descendants().Count(element => element.Name.LocalName == "ellipse"));
    }

    [Fact]
    public void A_table_for_documents_has_a_line_a_row() =>
        Assert.Equal("| a | b |\n| --- | --- |\n| 1 | 2 |\n", MarkdownTable.Of(["a", "b"], [["1", "2"]]));

    [Fact]
    public void A_page_escapes_text_and_keeps_charts_apart()
    {
        var page = new HtmlPage("a <b> & c");
        page.Paragraph("1 < 2");
        page.Table(["x"], [["<y>"]]);
        page.Chart(LineChart.Fractions("frame", "J", Lines), "first");
        page.Chart(LineChart.Fractions("frame", "J", Lines), "second");
        page.Pictures(([1, 2, 3], "image/png", "\"quoted\""));
        var document = XDocument.Parse(page.ToString().Replace("<!DOCTYPE html>", string.Empty, StringComparison.Ordinal)
            .Replace("<meta charset=\"utf-8\">", string.Empty, StringComparison.Ordinal)
            .Replace("initial-scale=1\">", "initial-scale=1\"/>", StringComparison.Ordinal)
            .Replace("AQID\">", "AQID\"/>", StringComparison.Ordinal)); // the void elements closed, it must be well-formed
        var ids = document.Descendants().Select(element => element.Attribute("id")?.Value).OfType<string>().ToList();
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal("a <b> & c", document.Descendants("h1").Single().Value);
        Assert.Equal("<y>", document.Descendants("td").Single().Value);
    }
}
