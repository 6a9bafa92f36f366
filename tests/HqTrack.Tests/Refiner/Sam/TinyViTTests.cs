using System.Runtime.InteropServices;
using HqTrack.Refiner.Sam;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static HqTrack.Tests.Refiner.Sam.SamGoldens;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner.Sam;

/// <summary>TinyViT's parts, and light HQ-SAM's encoder at 1024.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("hqsam/tinyvit_ops.safetensors")]
[ReadsGoldens("hqsam/encoder_tinyvit_1024.safetensors")]
public sealed class TinyViTTests
{
    [Fact]
    public void Convolutional_parts_match_before_and_after_folding()
    {
        using var golden = new SlicedGolden("hqsam/tinyvit_ops.safetensors");
        using var conv = Filled(new ConvBn(6, 9, 3, stride: 2, padding: 1), "cbn.");
        using var patches = Filled(new TinyPatchEmbed(3, 16), "pe.");
        using var bottleneck = Filled(new MBConv(8, 8, 4), "mb.");
        using var merging = Filled(new PatchMerging(8, 12), "pm.");
        using var wide = Filled(new PatchMerging(8, 320), "pm3.");
        Check();
        foreach (var part in new nn.Module[] { conv, patches, bottleneck, merging, wide }.SelectMany(module => module.modules()).OfType<ConvBn>())
        {
            part.Fold();
        }

        Check();

        void Check()
        {
            using var leaks = new LeakCheck();
            using var grad = no_grad();
            using var scope = NewDisposeScope();
            golden.AssertClose("conv2d_bn", conv.call(Input("cbn.x", 2, 6, 7, 8)), Operator);
            golden.AssertClose("patch_embed", patches.call(Input("pe.x", 1, 3, 32, 32)), Operator);
            golden.AssertClose("mbconv", bottleneck.call(Input("mb.x", 1, 8, 6, 7)), Operator);
            golden.AssertClose("patch_merging_seq", Sequence(merging.call(Map(Input("pm.x", 2, 48, 8), 6, 8))), Operator);
            golden.AssertClose("patch_merging_map", Sequence(merging.call(Input("pm.xm", 1, 8, 5, 7))), Operator);
            golden.AssertClose("patch_merging_320", Sequence(wide.call(Map(Input("pm3.x", 1, 20, 8), 4, 5))), Operator);
        }
    }

    [Fact]
    public void Attention_and_its_offsets_match()
    {
        using var golden = new SlicedGolden("hqsam/tinyvit_ops.safetensors");
        using var attention = Filled(new TinyAttention(12, 6, 2, (3, 4)), "tattn.");
        using var leaks = new LeakCheck();
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        Assert.Equal(MemoryMarshal.Cast<byte, long>(golden.Bytes("attention_bias_idxs")), TinyAttention.OffsetOfPair((3, 4)));
        Assert.Equal(MemoryMarshal.Cast<byte, int>(golden.Bytes("attention_bias_idxs_7x7")).ToArray().Select(index => (long)index), TinyAttention.OffsetOfPair((7, 7)));
        golden.AssertClose("attention", attention.call(Input("tattn.x", 2, 12, 12)), Operator);
    }

    [Theory]
    [InlineData(0, 2, 5, 6, 4)]
    [InlineData(1, 2, 4, 4, 4)]
    [InlineData(2, 2, 8, 4, 4)]
    [InlineData(3, 2, 3, 3, 7)]
    public void Blocks_match_with_and_without_padding(int index, int batch, int height, int width, int window)
    {
        using var golden = new SlicedGolden("hqsam/tinyvit_ops.safetensors");
        using var block = Filled(new TinyViTBlock(12, 2, window), "tblk.");
        using var leaks = new LeakCheck();
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        golden.AssertClose($"block{index}", Sequence(block.call(Map(Input($"tblk{index}.x", batch, height * width, 12), height, width))), Operator);
    }

    [Fact]
    public void Every_stage_matches_at_1024()
    {
        using var golden = new SlicedGolden("hqsam/encoder_tinyvit_1024.safetensors");
        using var encoder = Filled(new TinyViT(SamConfig.HqVitTiny), "image_encoder.");
        encoder.Fold();
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var image = Input("sam.image", 1, 3, 1024, 1024);
        var steps = new List<string>();
        var result = encoder.Encode(image, (step, map) =>
        {
            if (golden.Contains(step))
            {
                golden.AssertClose(step, step is "patch_embed" or "layer0.blocks1" ? map : Sequence(map), Early);
                steps.Add(step);
            }
        });
        Assert.Equal(["patch_embed", "layer0.blocks1", "layer0", "layer1.blocks0", "layer1", "layer2", "layer3"], steps);
        golden.AssertClose("interm0", result.Early.permute(0, 2, 3, 1), Early);
        golden.AssertClose("embedding", result.Embedding, Embedding);

        // What the release gives when its table of biases is still the one from before loading, all zero.
        foreach (var (name, parameter) in encoder.named_parameters().Where(entry => entry.name.EndsWith("attention_biases", StringComparison.Ordinal)))
        {
            parameter.zero_();
        }

        var stale = encoder.Encode(image);
        golden.AssertClose("stale_bias.interm0", stale.Early.permute(0, 2, 3, 1), Early);
        golden.AssertClose("stale_bias.embedding", stale.Embedding, Embedding);
    }

    private static Tensor Map(Tensor sequence, long height, long width) => HqTrack.Ops.ChannelsLast.ToMap(sequence, height, width);

    private static Tensor Sequence(Tensor map) => HqTrack.Ops.ChannelsLast.ToSequence(map);
}
