using System.Text.Json;
using HqTrack.Media;
using HqTrack.Tests.Infrastructure;

namespace HqTrack.Tests.Media;

[ReadsGoldens("eval/davis_palette.json")]
public sealed class PaletteTests
{
    [Fact]
    [Trait("Category", "Golden")]
    public void ColoursAreThoseOfTheOfficialDavisResults()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find("eval/davis_palette.json")));
        var expected = golden.RootElement.GetProperty("davis").EnumerateArray().SelectMany(c => c.EnumerateArray().Select(v => v.GetByte())).ToArray();

        Assert.Equal(256 * 3, expected.Length);
        Assert.Equal(expected, Palette.Rgb.ToArray());
    }
}
