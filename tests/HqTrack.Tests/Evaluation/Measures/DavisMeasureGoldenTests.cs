using System.Globalization;
using System.Text.Json;
using HqTrack.Evaluation.Measures;
using HqTrack.Tests.Infrastructure;
using HqTrack.Weights;

namespace HqTrack.Tests.Evaluation.Measures;

/// <summary>J, F, their statistics and their text against davis2017-evaluation.</summary>
[Trait("Category", "Golden")]
[ReadsGoldens("eval/davis_pairs*")]
[ReadsGoldens("eval/davis_statistics.json")]
[ReadsGoldens("eval/davis_csv_format.json")]
public sealed class DavisMeasureGoldenTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void Small_pairs_match_with_their_boundaries_and_void()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find("eval/davis_pairs.json")));
        using var masks = SafetensorsFile.Open(Goldens.Find("eval/davis_pairs.safetensors"));
        var cases = golden.RootElement.GetProperty("cases").EnumerateArray().ToArray();
        Assert.True(cases.Length > 100);
        foreach (var entry in cases)
        {
            var name = entry.GetProperty("name").GetString()!;
            var width = entry.GetProperty("width").GetInt32();
            BitMask Mask(string kind) => BitMask.OfNonZero(masks.Bytes($"{name}/{kind}"), width);
            var ignored = masks.Contains($"{name}/void") ? Mask("void") : null;
            Assert.Equal(entry.GetProperty("has_void").GetBoolean(), ignored is not null);
            Check(entry, Mask("gt"), Mask("pred"), ignored);
            foreach (var kind in new[] { "gt", "pred" }.Where(kind => masks.Contains($"{name}/{kind}_boundary")))
            {
                var mask = Mask(kind);
                if (ignored is not null)
                {
                    mask.Remove(ignored);
                }

                Assert.Equal(masks.Bytes($"{name}/{kind}_boundary"), Boundary.Of(mask).ToBytes());
            }

            if (masks.Contains($"{name}/pred_boundary_dilated"))
            {
                var dilated = Boundary.Dilate(Mask("pred_boundary"), entry.GetProperty("bound_pix").GetInt32());
                Assert.Equal(masks.Bytes($"{name}/pred_boundary_dilated"), dilated.ToBytes());
            }
        }
    }

    [Fact]
    public void Large_pairs_match()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find("eval/davis_pairs_large.json")));
        var cases = golden.RootElement.GetProperty("cases").EnumerateArray().ToArray();
        Assert.NotEmpty(cases);
        foreach (var entry in cases)
        {
            var (width, height) = (entry.GetProperty("width").GetInt32(), entry.GetProperty("height").GetInt32());
            Check(entry, Runs(entry.GetProperty("gt_rle"), width, height), Runs(entry.GetProperty("pred_rle"), width, height), null);
        }
    }

    [Fact]
    public void Disks_match()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find("eval/davis_pairs_large.json")));
        foreach (var disk in golden.RootElement.GetProperty("disks").EnumerateArray())
        {
            var radius = disk.GetProperty("radius").GetInt32();
            var rows = disk.GetProperty("half_width_per_row").EnumerateArray().Select(row => row.GetInt32());
            var half = Boundary.Disk(radius);
            Assert.Equal(rows, Enumerable.Range(-radius, (2 * radius) + 1).Select(dy => half[Math.Abs(dy)]));
        }
    }

    [Fact]
    public void Statistics_match()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find("eval/davis_statistics.json")));
        foreach (var entry in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            var values = entry.TryGetProperty("x", out var x) && x.ValueKind == JsonValueKind.Array ? [.. x.EnumerateArray().Select(Number)] : FromRule(entry);
            var official = MeasureStatistics.Of(values, parity: true);
            Close(Number(entry.GetProperty("M")), official.Mean);
            Close(Number(entry.GetProperty("R")), official.Recall);
            Close(Number(entry.GetProperty("D")), official.Decay);
            if (values.Length <= 256)
            {
                Assert.Equal(official, MeasureStatistics.Of(values));
            }
        }
    }

    [Fact]
    public void Numbers_are_printed_as_the_official_program_prints_them()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find("eval/davis_csv_format.json")));
        foreach (var entry in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            var text = entry[0].GetString()!;
            var value = text == "nan" ? double.NaN : double.Parse(text, CultureInfo.InvariantCulture);
            Assert.Equal(entry[1].GetString(), OfficialNumber.Csv(value));
            Assert.Equal(entry[2].GetString(), OfficialNumber.Fixed(value, 6));
        }
    }

    private static void Check(JsonElement entry, BitMask truth, BitMask predicted, BitMask? ignored)
    {
        var threshold = entry.GetProperty("bound_th").GetDouble();
        Assert.Equal(entry.GetProperty("bound_pix").GetInt32(), MaskMeasures.BoundPixels(truth.Width, truth.Height, threshold));
        Close(entry.GetProperty("J").GetDouble(), MaskMeasures.Jaccard(truth, predicted, ignored));
        var contour = MaskMeasures.Contour(truth, predicted, ignored, threshold);
        Close(entry.GetProperty("F").GetDouble(), contour.F);
        Assert.Equal(entry.GetProperty("n_gt").GetInt32(), contour.TruthPixels);
        Assert.Equal(entry.GetProperty("n_fg").GetInt32(), contour.PredictedPixels);
        if (contour is { TruthPixels: > 0, PredictedPixels: > 0 })
        {
            Assert.Equal(entry.GetProperty("gt_match").GetInt32(), contour.TruthMatched);
            Assert.Equal(entry.GetProperty("fg_match").GetInt32(), contour.PredictedMatched);
        }
    }

    private static void Close(double expected, double actual)
    {
        if (double.IsNaN(expected))
        {
            Assert.True(double.IsNaN(actual), $"expected NaN, found {actual}");
        }
        else
        {
            Assert.InRange(actual, expected - Tolerance, expected + Tolerance);
        }
    }

    private static double Number(JsonElement element) => element.ValueKind == JsonValueKind.Null ? double.NaN : element.GetDouble();

    private static BitMask Runs(JsonElement runs, int width, int height)
    {
        var bytes = new byte[width * height];
        var (position, value) = (0, (byte)0);
        foreach (var run in runs.EnumerateArray())
        {
            bytes.AsSpan(position, run.GetInt32()).Fill(value);
            position += run.GetInt32();
            value ^= 1;
        }

        return BitMask.OfNonZero(bytes, width);
    }

    private static double[] FromRule(JsonElement entry)
    {
        var hash = FillRule.Hash(entry.GetProperty("values_name").GetString()!);
        return [.. Enumerable.Range(0, entry.GetProperty("length").GetInt32()).Select(i => Math.Clamp((FillRule.Unit(hash, i) * 1.3) - 0.1, 0, 1))];
    }
}
