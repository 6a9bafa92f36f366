using System.Text.Json;
using HqTrack.Evaluation.Vot;
using HqTrack.Tests.Infrastructure;

namespace HqTrack.Tests.Evaluation.Vot;

/// <summary>Regions, their overlaps and trajectory files against the VOT toolkit.</summary>
[Trait("Category", "Golden")]
[ReadsGoldens("eval/vots/regions.json")]
[ReadsGoldens("eval/vots/trajectory*")]
public sealed class RegionGoldenTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void Text_reads_and_writes_as_in_the_toolkit()
    {
        using var golden = Open("eval/vots/regions.json");
        foreach (var entry in golden.RootElement.GetProperty("parse").EnumerateArray())
        {
            var text = entry.GetProperty("text").GetString()!;
            if (entry.GetProperty("error").ValueKind != JsonValueKind.Null)
            {
                Assert.Throws<FormatException>(() => RegionText.Parse(text));
                continue;
            }

            var region = RegionText.Parse(text);
            Check(entry.GetProperty("result"), region);
            if (region is not null)
            {
                Assert.Equal(entry.GetProperty("encoded").GetString(), RegionText.Format(region));
                Assert.Equal(entry.GetProperty("is_empty").GetBoolean(), region.IsEmpty);
                if (entry.TryGetProperty("bounds", out var bounds))
                {
                    Assert.Equal(bounds.EnumerateArray().Select(value => value.GetInt64()), ToolkitBounds(region));
                }
            }
        }
    }

    [Fact]
    public void Masks_are_encoded_as_in_the_toolkit()
    {
        using var golden = Open("eval/vots/regions.json");
        var cases = golden.RootElement.GetProperty("encode").EnumerateArray().ToArray();
        Assert.NotEmpty(cases);
        foreach (var entry in cases)
        {
            var offset = entry.GetProperty("offset");
            var mask = new Region.Mask(
                offset[0].GetInt32(), offset[1].GetInt32(), entry.GetProperty("width").GetInt32(), entry.GetProperty("height").GetInt32(), Pixels(entry.GetProperty("rows")));
            Assert.Equal(entry.GetProperty("text").GetString(), RegionText.Format(mask));
            Assert.Equal(entry.GetProperty("is_empty").GetBoolean(), mask.IsEmpty);
            Assert.Equal(entry.GetProperty("bounds").EnumerateArray().Select(value => value.GetInt64()), ToolkitBounds(mask));
            Assert.Equal(entry.GetProperty("optimized_text").GetString(), RegionText.Format(mask.Cut()));
            Assert.Equal(entry.GetProperty("optimized_is_empty").GetBoolean(), mask.Cut().IsEmpty);
            Assert.Equal(Integers(entry.GetProperty("rle")), MaskRuns.Encode(mask.Pixels));
            Assert.Equal(Integers(entry.GetProperty("rle_maxstride5")), MaskRuns.Encode(mask.Pixels, 5));
            Assert.Equal(mask.Pixels, MaskRuns.Decode([.. MaskRuns.Encode(mask.Pixels, 5)], mask.Width, mask.Height));
            if (mask.Width > 0)
            {
                // The helper's tight form: an empty mask is its top-left pixel.
                var (left, top, right, bottom) = mask.Extent();
                var tight = mask.Crop(left, top, right - left + 1, bottom - top + 1);
                Assert.Equal(Integers(entry.GetProperty("encode_mask")), [left, top, tight.Width, tight.Height, .. MaskRuns.Encode(tight.Pixels)]);
            }
        }
    }

    [Fact]
    public void Overlaps_of_all_pairs_match()
    {
        using var golden = Open("eval/vots/regions.json");
        var size = Size(golden);
        var regions = golden.RootElement.GetProperty("regions").EnumerateObject().ToDictionary(entry => entry.Name, entry => RegionText.Parse(entry.Value.GetString()!)!);
        var ignored = golden.RootElement.GetProperty("ignore").EnumerateObject()
            .ToDictionary(entry => entry.Name, entry => entry.Value.GetString() is { } text ? RegionText.Parse(text) : null);
        var cases = golden.RootElement.GetProperty("overlap").EnumerateArray().ToArray();
        Assert.True(cases.Length > 1000);
        foreach (var entry in cases)
        {
            var overlap = RegionOverlap.Of(
                regions[entry[0].GetString()!], regions[entry[1].GetString()!], entry[2].GetString() == "bounded" ? size : null, ignored[entry[3].GetString()!]);
            Assert.True(Math.Abs(entry[4].GetDouble() - overlap) <= Tolerance, $"{entry}: {overlap}");
        }
    }

    [Fact]
    public void Overlaps_of_masks_that_were_not_cut_match()
    {
        using var golden = Open("eval/vots/regions.json");
        var texts = golden.RootElement.GetProperty("regions");
        foreach (var entry in golden.RootElement.GetProperty("overlap_unoptimized_masks").EnumerateArray())
        {
            var overlap = RegionOverlap.Of(Uncut(texts.GetProperty(entry[0].GetString()!)), Uncut(texts.GetProperty(entry[1].GetString()!)), Size(golden));
            Assert.True(Math.Abs(entry[2].GetDouble() - overlap) <= Tolerance, $"{entry}: {overlap}");
        }
    }

    [Fact]
    public void Rasters_match()
    {
        using var golden = Open("eval/vots/regions.json");
        var (width, height) = Size(golden);
        foreach (var entry in golden.RootElement.GetProperty("raster").EnumerateArray())
        {
            var name = entry.GetProperty("region").GetString()!;
            var region = Uncut(golden.RootElement.GetProperty("regions").GetProperty(name));
            if (region is Region.Rectangle box && entry.GetProperty("method").GetString()!.StartsWith("rasterize", StringComparison.Ordinal))
            {
                // Drawn without an overlap around it, a box is not rounded: its first and last pixels are truncated.
                var (left, top) = (MathF.Truncate(box.X), MathF.Truncate(box.Y));
                region = new Region.Rectangle(left, top, MathF.Truncate(box.X + box.Width - 1) - left + 1, MathF.Truncate(box.Y + box.Height - 1) - top + 1);
            }

            Assert.Equal(Pixels(entry.GetProperty("rows")), RegionRaster.Draw(region, Bounds.OfImage(width, height)));
        }
    }

    [Theory]
    [InlineData("trajectory")]
    [InlineData("trajectory_unoptimized")]
    public void Trajectory_files_read_back_as_in_the_toolkit(string name)
    {
        using var golden = Open($"eval/vots/{name}.json");
        var text = Trajectory.Read(Goldens.Find($"eval/vots/{name}.txt"));
        var binary = Trajectory.Read(Goldens.Find($"eval/vots/{name}.bin"));
        Check(golden.RootElement.GetProperty("text_read"), text);
        Check(golden.RootElement.GetProperty("binary_read"), binary);
        Assert.Equal(golden.RootElement.GetProperty("binary_read_text").EnumerateArray().Select(line => line.GetString()), binary.Select(RegionText.Format));
        Assert.Equal(File.ReadAllBytes(Goldens.Find($"eval/vots/{name}.bin")), Trajectory.ToBinary(binary));
    }

    [Fact]
    public void Trajectory_text_is_written_as_in_the_toolkit() =>
        Assert.Equal(File.ReadAllLines(Goldens.Find("eval/vots/trajectory.txt")), Trajectory.Read(Goldens.Find("eval/vots/trajectory.txt")).Select(RegionText.Format));

    private static JsonDocument Open(string golden) => JsonDocument.Parse(File.ReadAllBytes(Goldens.Find(golden)));

    private static (int Width, int Height) Size(JsonDocument golden) =>
        (golden.RootElement.GetProperty("image")[0].GetInt32(), golden.RootElement.GetProperty("image")[1].GetInt32());

    private static void Check(JsonElement expected, IReadOnlyList<Region> actual)
    {
        Assert.Equal(expected.GetArrayLength(), actual.Count);
        foreach (var (element, region) in expected.EnumerateArray().Zip(actual))
        {
            Check(element, region);
        }
    }

    private static void Check(JsonElement expected, Region? actual)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            Assert.Null(actual);
            return;
        }

        Region region = expected.GetProperty("type").GetString() switch
        {
            "special" => new Region.Special(expected.GetProperty("code").GetInt32()),
            "point" => new Region.Point(expected.GetProperty("x").GetDouble(), expected.GetProperty("y").GetDouble()),
            "rectangle" => new Region.Rectangle(
                expected.GetProperty("x").GetSingle(), expected.GetProperty("y").GetSingle(), expected.GetProperty("width").GetSingle(), expected.GetProperty("height").GetSingle()),
            "polygon" => new Region.Polygon([.. expected.GetProperty("points").EnumerateArray().SelectMany(point => point.EnumerateArray().Select(value => value.GetSingle()))]),
            _ => ExpectedMask(expected, Assert.IsType<Region.Mask>(actual)),
        };
        if (region is Region.Polygon polygon)
        {
            Assert.Equal(polygon.Points, Assert.IsType<Region.Polygon>(actual).Points);
        }
        else
        {
            Assert.Equal(region, actual);
        }
    }

    // Large masks come without rows: only their number of pixels is compared.
    private static Region.Mask ExpectedMask(JsonElement expected, Region.Mask actual)
    {
        var pixels = expected.GetProperty("rows").ValueKind == JsonValueKind.Null ? actual.Pixels : Pixels(expected.GetProperty("rows"));
        Assert.Equal(expected.GetProperty("pixels").GetInt32(), pixels.Sum(pixel => pixel));
        var offset = expected.GetProperty("offset");
        return new(offset[0].GetInt32(), offset[1].GetInt32(), expected.GetProperty("width").GetInt32(), expected.GetProperty("height").GetInt32(), pixels);
    }

    // What Region.bounds() gives: unlike in overlaps, a box reaches one pixel past its end.
    private static long[] ToolkitBounds(Region region)
    {
        if (region is Region.Rectangle box)
        {
            return [.. new[] { box.X, box.Y, (double)box.Width + box.X, (double)box.Height + box.Y }.Select(value => (long)Math.Round(value, MidpointRounding.ToEven))];
        }

        var bounds = Bounds.Of(region);
        return [bounds.Left, bounds.Top, bounds.Right, bounds.Bottom];
    }

    private static Region Uncut(JsonElement text)
    {
        var value = text.GetString()!;
        if (!value.StartsWith('m'))
        {
            return RegionText.Parse(value)!;
        }

        var numbers = value[1..].Split(',').Select(int.Parse).ToArray();
        return new Region.Mask(numbers[0], numbers[1], numbers[2], numbers[3], MaskRuns.Decode(numbers.AsSpan(4), numbers[2], numbers[3]));
    }

    private static byte[] Pixels(JsonElement rows) => [.. rows.EnumerateArray().SelectMany(row => row.GetString()!.Select(pixel => (byte)(pixel - '0')))];

    private static IEnumerable<int> Integers(JsonElement array) => array.EnumerateArray().Select(value => value.GetInt32());
}
