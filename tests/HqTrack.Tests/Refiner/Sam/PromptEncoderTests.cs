using HqTrack.Refiner.Sam;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static HqTrack.Tests.Refiner.Sam.SamGoldens;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner.Sam;

/// <summary>Prompts as tokens and maps, in the official size, the tiny config and a grid that is not square.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("hqsam/prompt_encoder.safetensors")]
public sealed class PromptEncoderTests
{
    [Theory]
    [InlineData("full", 256, 16, 64, 64)]
    [InlineData("tiny", 32, 16, 8, 8)]
    [InlineData("rect", 16, 8, 5, 7)]
    public void Every_combination_of_prompts_matches(string size, int channels, int maskChannels, int height, int width)
    {
        using var golden = new SlicedGolden("hqsam/prompt_encoder.safetensors");
        using var encoder = Filled(new PromptEncoder(channels, maskChannels, (height, width), (16 * height, 16 * width)), "prompt_encoder.");
        using var leaks = new LeakCheck();
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        Tensor In(string name) => golden.Load($"{size}.in.{name}");
        Tensor mask = FillRule.Input($"{size}.mask", [1, 1, 4 * height, 4 * width], 4), masks = FillRule.Input($"{size}.masks", [2, 1, 4 * height, 4 * width], 4);
        Tensor points = In("points"), labels = In("labels"), points2 = In("points2"), labels2 = In("labels2"), box = In("box");
        var cases = new Dictionary<string, SamPrompts>
        {
            ["points"] = new(points, labels, null, null),
            ["points_batch2"] = new(points2, labels2, null, null),
            ["box"] = new(null, null, box, null),
            ["boxes_batch3"] = new(null, null, In("boxes"), null),
            ["points_box"] = new(points, labels, box, null),
            ["mask"] = new(null, null, null, mask),
            ["points_mask"] = new(points, labels, null, mask),
            ["points2_masks2"] = new(points2, labels2, null, masks),
            ["all"] = new(points, labels, box, mask),
            ["none"] = new(null, null, null, null),
        };
        var compared = 0;
        foreach (var (name, prompts) in cases)
        {
            var (sparse, dense, _) = encoder.Encode(prompts);
            if (golden.Contains($"{size}.{name}.sparse"))
            {
                golden.AssertClose($"{size}.{name}.sparse", sparse, Operator);
                compared++;
            }
            else
            {
                Assert.Equal(0, sparse.size(1));
            }

            if (golden.Parts($"{size}.{name}.dense").Any())
            {
                golden.AssertClose($"{size}.{name}.dense", dense.expand(Math.Max(dense.size(0), sparse.size(0)), channels, height, width), Operator);
                compared++;
            }
        }

        golden.AssertClose($"{size}.dense_pe", encoder.DensePositions(), Operator);
        Assert.Equal(golden.Names.Count(entry => entry.StartsWith($"{size}.", StringComparison.Ordinal) && !entry.Contains(".in.", StringComparison.Ordinal) && !entry.Contains("dense_pe", StringComparison.Ordinal) && !(entry.Contains('|', StringComparison.Ordinal) && !entry.EndsWith("sample", StringComparison.Ordinal))), compared);
    }
}
