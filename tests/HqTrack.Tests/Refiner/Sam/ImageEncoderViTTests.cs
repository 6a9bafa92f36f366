using HqTrack.Refiner.Sam;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static HqTrack.Tests.Refiner.Sam.SamGoldens;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner.Sam;

/// <summary>The vision transformer as a whole, small and at official width.</summary>
[Collection("torch")]
[ReadsGoldens("hqsam/encoder_tiny.safetensors")]
[ReadsGoldens("hqsam/encoder_vitb_384.safetensors")]
[ReadsGoldens("hqsam/encoder_vitb_1024.safetensors", OnDemand = true)]
public sealed class ImageEncoderViTTests
{
    private static readonly SamConfig NoPositions =
        Tiny with { HasRelativePosition = false, HasAbsolutePosition = false, HasQkvBias = false, WindowSize = 4, BlockEpsilon = 1e-5, MlpRatio = 2 };

    [Fact]
    [Trait("Category", "Golden")]
    public void Every_block_and_every_step_of_the_neck_match() => Check("main", Tiny, Tiny.Depth, "sam_tiny.image", 2, 128, 128);

    [Fact]
    [Trait("Category", "Golden")]
    public void Matches_without_positions_and_bias() => Check("norelpos", NoPositions, 0, "sam_tiny.image", 1, 128, 128);

    [Fact]
    [Trait("Category", "Golden")]
    public void Matches_where_relative_positions_are_resized() => Check("interp", Tiny with { HasAbsolutePosition = false }, 0, "sam_tiny.image.rect", 1, 96, 160);

    [Fact]
    [Trait("Category", "Golden")]
    public void Matches_where_every_block_is_global() =>
        Check("allglobal", Tiny with { Depth = 2, WindowSize = 0, GlobalBlocks = [] }, 0, "sam_tiny.image", 1, 128, 128);

    [Fact]
    [Trait("Category", "Golden")]
    public void Width_and_depth_of_vit_b_match_at_384() => CheckVitB("hqsam/encoder_vitb_384.safetensors", SamConfig.HqVitB with { ImageSize = 384 }, "sam.image384", Embedding);

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public void Vit_b_matches_at_1024() => CheckVitB("hqsam/encoder_vitb_1024.safetensors", SamConfig.HqVitB, "sam.image", 5e-5);

    private static void Check(string name, SamConfig config, int blocks, string input, int batch, int height, int width)
    {
        using var golden = new SlicedGolden("hqsam/encoder_tiny.safetensors");
        using var encoder = Filled(new ImageEncoderViT(config), "image_encoder.");
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var globals = 0;
        var result = encoder.Encode(Input(input, batch, 3, height, width), (step, map) =>
        {
            if (golden.Contains($"{name}.{step}"))
            {
                golden.AssertClose($"{name}.{step}", map, step.StartsWith("neck", StringComparison.Ordinal) ? Embedding : Early);
                blocks -= step.StartsWith("block", StringComparison.Ordinal) ? 1 : 0;
            }

            if (step.StartsWith("block", StringComparison.Ordinal) && (config.WindowSize == 0 || config.GlobalBlocks.Contains(int.Parse(step[5..]))))
            {
                golden.AssertClose($"{name}.interm{globals++}", map, Early);
            }
        });
        golden.AssertClose($"{name}.embedding", result.Embedding, Embedding);
        golden.AssertClose($"{name}.interm0", result.Early.permute(0, 2, 3, 1), Early);
        Assert.Equal(2, globals);
        Assert.Equal(0, blocks);
    }

    private static void CheckVitB(string file, SamConfig config, string input, double tolerance)
    {
        using var golden = new SlicedGolden(file);
        using var encoder = Filled(new ImageEncoderViT(config), "image_encoder.");
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var checkedSteps = new List<string>();
        var result = encoder.Encode(Input(input, 1, 3, config.ImageSize, config.ImageSize), (step, map) =>
        {
            var name = step.StartsWith("block", StringComparison.Ordinal) && config.GlobalBlocks.ToList().IndexOf(int.Parse(step[5..])) is >= 0 and var i ? $"interm{i}" : step;
            if (golden.Contains(name))
            {
                golden.AssertClose(name, map, Early);
                checkedSteps.Add(name);
            }
        });
        golden.AssertClose("embedding", result.Embedding, tolerance);
        Assert.Equal(golden.Names.Select(entry => entry.Split('|')[0]).Distinct().Where(entry => entry != "embedding").Order(StringComparer.Ordinal), checkedSteps.Order(StringComparer.Ordinal));
    }
}
