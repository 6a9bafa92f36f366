using System.Text.Json;
using HqTrack.Refiner.Sam;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static HqTrack.Tests.Refiner.Sam.SamGoldens;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner.Sam;

/// <summary>Plain and high-quality decoder, tiny and at official size, every choice of masks and the maps on the way.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("hqsam/mask_decoder.safetensors")]
[ReadsGoldens("hqsam/decoder_ops.safetensors")]
public sealed class MaskDecoderTests
{
    [Theory]
    [InlineData("hq768", "", "sparse1x2", 1, 2)]
    [InlineData("hq768_batch2", "", "sparse2x5", 2, 5)]
    [InlineData("hq768_nosparse", "", "sparse1x0", 1, 0)]
    [InlineData("hq1280", "1280.", "sparse1x2", 1, 2)]
    [InlineData("hq160", "160.", "sparse1x2", 1, 2)]
    [InlineData("plain", "", "sparse1x2", 1, 2)]
    [InlineData("plain_batch2", "", "sparse2x5", 2, 5)]
    public void Official_size_matches(string name, string input, string sparse, int batch, int tokens)
    {
        var early = name switch { "hq1280" => 1280, "hq160" => 160, _ => 768 };
        var config = SamConfig.HqVitB with { EarlyDim = early, IsHighQuality = name.StartsWith("hq", StringComparison.Ordinal) };
        Check("hqsam/mask_decoder.safetensors", name, config, $"decoder.{input}", sparse, batch, tokens);
    }

    [Theory]
    [InlineData("tiny_hq", "sparse1x2", 1, 2)]
    [InlineData("tiny_hq_b3", "sparse3x4", 3, 4)]
    [InlineData("tiny_plain", "sparse2x2", 2, 2)]
    public void Tiny_config_matches(string name, string sparse, int batch, int tokens) =>
        Check("hqsam/decoder_ops.safetensors", name, Tiny with { IsHighQuality = name.StartsWith("tiny_hq", StringComparison.Ordinal) }, "decoder.tiny.", sparse, batch, tokens);

    [Fact]
    public void Transformer_attention_and_mlp_match()
    {
        using var golden = new SlicedGolden("hqsam/decoder_ops.safetensors");
        using var transformer = Filled(new TwoWayTransformer(2, 24, 3, 40), "transformer.");
        using var attention = Filled(new TokenAttention(24, 3, downsampleRate: 2), "dattn.");
        using var mlp = Filled(new Mlp(10, 12, 4, depth: 3), "mlp3.");
        using var sigmoid = Filled(new Mlp(10, 12, 4, depth: 3, hasSigmoid: true), "mlp3.");
        using var leaks = new LeakCheck();
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        static Tensor Sequence(Tensor map) => HqTrack.Ops.ChannelsLast.ToSequence(map);
        var (queries, keys) = transformer.Forward(Sequence(Input("tw.img", 2, 24, 5, 7)), Sequence(Input("tw.pe", 2, 24, 5, 7)), Input("tw.tok", 2, 4, 24));
        golden.AssertClose("two_way.queries", queries, Operator);
        golden.AssertClose("two_way.keys", keys, Operator);
        golden.AssertClose("attention_downsample", attention.Forward(Input("da.q", 2, 3, 24), Input("da.k", 2, 6, 24), Input("da.v", 2, 6, 24)), Operator);
        golden.AssertClose("mlp3", mlp.call(Input("mlp3.x", 5, 10)), Operator);
        golden.AssertClose("mlp3_sigmoid", sigmoid.call(Input("mlp3.x", 5, 10)), Operator);
    }

    private static void Check(string file, string name, SamConfig config, string input, string sparse, int batch, int tokens)
    {
        using var golden = new SlicedGolden(file);
        using nn.Module module = Filled<nn.Module>(config.IsHighQuality ? new MaskDecoderHq(config) : new MaskDecoder(config), "mask_decoder.");
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var decoder = (IMaskDecoder)module;
        int c = config.PromptDim, g = config.Grid;
        var seen = new HashSet<string>();
        void Compare(string key, Tensor actual, double tolerance)
        {
            if (golden.Contains($"{name}.{key}"))
            {
                golden.AssertClose($"{name}.{key}", actual, tolerance);
                seen.UnionWith(golden.Parts($"{name}.{key}"));
            }
        }

        var embedding = new ImageEmbedding(Input($"{input}image_embeddings", 1, c, g, g), Input($"{input}interm0", 1, g, g, config.EarlyDim).permute(0, 3, 1, 2));
        var image = decoder.Prepare(embedding, Input($"{input}image_pe", 1, c, g, g), (key, map) => Compare(key, map, Masks));
        var prompts = new PromptEmbedding(Input($"{input}{sparse}", batch, tokens, c), Input($"{input}dense{batch}", batch, c, g, g));
        var raw = decoder.Decode(image, prompts, (key, map) => Compare(key, map, Masks));
        Compare("all_tokens.masks", raw.HighQuality is null ? raw.Masks : cat([raw.Masks, raw.HighQuality], 1), Masks);
        Compare("all_tokens.iou", raw.Iou, Iou);
        foreach (var (suffix, only) in raw.HighQuality is null ? new[] { ("", false) } : [("_hq0", false), ("_hq1", true)])
        {
            foreach (var (mode, choice) in new[] { ("mm1", MaskChoice.Multiple), ("mm0", MaskChoice.Single) })
            {
                var (masks, iou) = raw.Select(choice, only);
                Compare($"{mode}{suffix}.masks", masks, Masks);
                Compare($"{mode}{suffix}.iou", iou, Iou);
            }
        }

        Assert.Equal(golden.Names.Where(entry => entry.StartsWith($"{name}.", StringComparison.Ordinal)).Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        var (every, everyIou) = raw.Select(MaskChoice.Every);
        Assert.Equal([batch, 4, 4 * g, 4 * g], every.shape);
        Assert.Equal([batch, 4], everyIou.shape);
    }
}
