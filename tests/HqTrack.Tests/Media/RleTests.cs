using System.Text.Json;
using HqTrack.Media;
using HqTrack.Tests.Infrastructure;
using HqTrack.Weights;

namespace HqTrack.Tests.Media;

/// <summary>Run-length masks against pycocotools, and texts that are damaged.</summary>
[ReadsGoldens("eval/coco_rle*")]
public sealed class RleTests
{
    [Fact]
    [Trait("Category", "Golden")]
    public void Masks_are_those_of_pycocotools()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find("eval/coco_rle.json")));
        using var masks = SafetensorsFile.Open(Goldens.Find("eval/coco_rle.safetensors"));
        var compared = 0;
        foreach (var entry in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            var (width, height) = Size(entry);
            var text = entry.GetProperty("counts").GetString()!;
            var rle = Rle.Parse(text, width, height);
            Assert.Equal(entry.GetProperty("counts_uncompressed").EnumerateArray().Select(run => run.GetInt32()), rle.Counts);
            Assert.Equal(text, rle.ToText());
            Assert.Equal(entry.GetProperty("area").GetInt32(), rle.Area);
            var box = entry.GetProperty("bbox").EnumerateArray().Select(side => side.GetDouble()).ToArray();
            Assert.Equal(((int)box[0], (int)box[1], (int)box[2], (int)box[3]), rle.Box);

            var pixels = rle.ToPixels();
            var name = entry.GetProperty("name").GetString()!;
            if (masks.Contains(name))
            {
                Assert.Equal(masks.Bytes(name), pixels);
                compared++;
            }

            Assert.Equal(text, Rle.OfPixels(pixels, width, height).ToText());
            Assert.Equal(text, Rle.Of(new LabelMap([.. pixels.Select(pixel => (byte)(pixel * 9))], width, height), 9).ToText());
        }

        Assert.True(compared > 30);
    }

    [Fact]
    [Trait("Category", "Golden")]
    public void Overlaps_and_merges_are_those_of_pycocotools()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find("eval/coco_rle.json")));
        var byName = golden.RootElement.GetProperty("cases").EnumerateArray().ToDictionary(entry => entry.GetProperty("name").GetString()!, entry =>
        {
            var (width, height) = Size(entry);
            return Rle.Parse(entry.GetProperty("counts").GetString()!, width, height);
        });
        var iou = golden.RootElement.GetProperty("iou");
        var names = iou.GetProperty("masks").EnumerateArray().Select(name => name.GetString()!).ToArray();
        foreach (var isCrowd in new[] { false, true })
        {
            var expected = iou.GetProperty(isCrowd ? "iscrowd1" : "iscrowd0");
            for (var i = 0; i < names.Length; i++)
            {
                for (var j = 0; j < names.Length; j++)
                {
                    Assert.Equal(expected[i][j].GetDouble(), Rle.Iou(byName[names[i]], byName[names[j]], isCrowd));
                }
            }
        }

        foreach (var entry in golden.RootElement.GetProperty("merge").EnumerateArray())
        {
            var merged = Rle.Merge([.. entry.GetProperty("masks").EnumerateArray().Select(name => byName[name.GetString()!])], entry.GetProperty("intersect").GetBoolean());
            Assert.Equal(entry.GetProperty("counts").GetString(), merged.ToText());
        }
    }

    [Fact]
    public void Any_mask_survives_the_text()
    {
        var random = new Random(11);
        for (var i = 0; i < 300; i++)
        {
            var (width, height) = (random.Next(1, 40), random.Next(1, 40));
            var density = random.NextDouble();
            var pixels = Enumerable.Range(0, width * height).Select(_ => random.NextDouble() < density ? (byte)1 : (byte)0).ToArray();
            var rle = Rle.Parse(Rle.OfPixels(pixels, width, height).ToText(), width, height);
            Assert.Equal(pixels, rle.ToPixels());
            Assert.Equal(pixels.Sum(pixel => pixel), rle.Area);
            Assert.All(rle.Counts.Skip(1), run => Assert.True(run > 0));
        }
    }

    [Theory]
    [InlineData("", 3, 3, "add up to 0 pixels, expected 3x3")]
    [InlineData("9", 2, 3, "add up to 9 pixels")]
    [InlineData("a", 3, 3, "damaged at character 1")]
    [InlineData("\u20ac", 3, 3, "damaged at character 1")]
    [InlineData("oooooooooooooooo", 3, 3, "damaged")]
    [InlineData("O", 3, 3, "a run of -1")]
    [InlineData("9", 0, 3, "is 0x3")]
    [InlineData("9", 100_000, 100_000, "is 100000x100000")]
    public void A_damaged_text_is_refused(string text, int width, int height, string expected) =>
        Assert.Contains(expected, Assert.Throws<MediaException>(() => Rle.Parse(text, width, height)).Message);

    private static (int Width, int Height) Size(JsonElement entry) => (entry.GetProperty("size")[1].GetInt32(), entry.GetProperty("size")[0].GetInt32());
}
