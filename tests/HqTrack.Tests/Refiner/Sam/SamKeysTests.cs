using System.Text.Json;
using HqTrack.Refiner.Sam;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner.Sam;

/// <summary>State-dict keys and shapes of every published variant, on networks without memory for their weights (device "meta").</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("hqsam/keys_*")]
public sealed class SamKeysTests
{
    [Theory]
    [InlineData("vit_b", "sam-hq-vit-b", "sam-vit-b", 339, 314)]
    [InlineData("vit_l", "sam-hq-vit-l", "sam-vit-l", 507, 482)]
    [InlineData("vit_h", "sam-hq-vit-h", "sam-vit-h", 619, 594)]
    [InlineData("vit_tiny", "sam-hq-vit-tiny", null, 464, 0)]
    public void Keys_and_shapes_are_the_published_ones(string file, string highQuality, string? plain, int entries, int plainEntries)
    {
        using var keys = JsonDocument.Parse(File.ReadAllText(Goldens.Find($"hqsam/keys_sam_hq_{file}.json")));
        using var summary = JsonDocument.Parse(File.ReadAllText(Goldens.Find("hqsam/keys_summary.json")));
        var published = keys.RootElement.EnumerateObject().ToDictionary(entry => entry.Name, entry => string.Join(',', entry.Value.EnumerateArray().Select(side => side.GetInt64())));
        Assert.Equal(entries, published.Count);
        AssertEqual(published, Keys(highQuality));
        if (plain is not null)
        {
            var own = summary.RootElement.GetProperty(file).GetProperty("hq_only_keys").EnumerateArray().Select(key => key.GetString()!).ToHashSet();
            var rest = published.Where(entry => !own.Contains(entry.Key)).ToDictionary();
            Assert.Equal(plainEntries, rest.Count);
            AssertEqual(rest, Keys(plain));
        }
    }

    private static void AssertEqual(Dictionary<string, string> expected, Dictionary<string, string> actual) =>
        Assert.Equal(expected.OrderBy(entry => entry.Key, StringComparer.Ordinal), actual.OrderBy(entry => entry.Key, StringComparer.Ordinal));

    private static Dictionary<string, string> Keys(string name)
    {
        HqTrack.Runtime.NativeRuntime.EnsureLoaded();
        set_default_device(new Device(DeviceType.META));
        try
        {
            using var network = new SamNetwork(SamConfig.All.Single(config => config.Name == name));
            using var scope = NewDisposeScope();
            return network.state_dict().ToDictionary(entry => entry.Key, entry => string.Join(',', entry.Value.shape));
        }
        finally
        {
            set_default_device(CPU);
        }
    }
}
