using System.Text.Json;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos.Encoders;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos.Encoders;

/// <summary>InternImage against the release: the T backbone of VMOS, and small backbones with the recipes of B, XL and H.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("vmos/internimage_*.safetensors")]
public sealed class InternImageGoldenTests
{
    private const double NetworkTolerance = 2e-4;

    private static readonly Dictionary<string, InternImageConfig> Configs = new(StringComparer.Ordinal)
    {
        ["internimage_t"] = InternImageConfig.T,
        ["internimage_base_style"] = new()
        {
            Channels = 32, Depths = [1, 1, 2, 1], Groups = [2, 4, 8, 16], LayerScale = 1, OffsetScale = 2, PostNorm = true,
        },
        ["internimage_huge_style"] = new()
        {
            Channels = 32,
            Depths = [2, 1, 6, 1],
            Groups = [2, 4, 8, 16],
            DepthwiseKernel = 5,
            ResPostNorm = true,
            PostNormBlocks = [2, 5],
            CenterFeatureScale = true,
        },
    };

    public static TheoryData<string> Names => [.. Configs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Features_match(string name)
    {
        using var golden = SafetensorsFile.Open(Goldens.Find($"vmos/{name}.safetensors"));
        using var encoder = Create(name, golden.Metadata["prefix"]);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        long height = long.Parse(golden.Metadata["height"]), width = long.Parse(golden.Metadata["width"]);
        var image = FillRule.Input(golden.Metadata["image_name"], [1, 3, height, width]);
        if (golden.Metadata.ContainsKey("crop"))
        {
            image = image.narrow(2, 0, 65).narrow(3, 0, 65);
        }

        var maps = encoder.Encode(image);
        foreach (var (map, i) in new[] { maps.S4, maps.S8, maps.S16, maps.Last }.Select((map, i) => (map, i)))
        {
            Assert.InRange(FillRule.RelativeError(map, Safetensors.LoadTensor(golden, $"feature{i}")), 0, NetworkTolerance);
        }
    }

    [Fact]
    public void Keys_and_shapes_of_the_huge_recipe_are_the_published_ones()
    {
        using var golden = SafetensorsFile.Open(Goldens.Find("vmos/internimage_huge_style.safetensors"));
        using var encoder = Create("internimage_huge_style", golden.Metadata["prefix"]);
        using var shapes = JsonDocument.Parse(golden.Metadata["shapes"]);
        using var scope = NewDisposeScope();
        var published = shapes.RootElement.EnumerateObject().ToDictionary(entry => entry.Name, entry => string.Join(',', entry.Value.EnumerateArray()));
        var ours = encoder.state_dict().ToDictionary(entry => $"encoder.{entry.Key}", entry => string.Join(',', entry.Value.shape));
        Assert.Equal(published.OrderBy(entry => entry.Key, StringComparer.Ordinal), ours.OrderBy(entry => entry.Key, StringComparer.Ordinal));
    }

    private static InternImage Create(string name, string prefix)
    {
        NativeRuntime.EnsureLoaded();
        var encoder = new InternImage(Configs[name]);
        FillRule.Apply(encoder, prefix);
        encoder.eval();
        return encoder;
    }
}
