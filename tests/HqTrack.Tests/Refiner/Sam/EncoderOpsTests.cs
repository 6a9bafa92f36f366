using HqTrack.Layers;
using HqTrack.Ops;
using HqTrack.Refiner.Sam;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static HqTrack.Tests.Refiner.Sam.SamGoldens;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner.Sam;

/// <summary>The vision transformer's parts, one by one.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("hqsam/encoder_ops.safetensors")]
public sealed class EncoderOpsTests
{
    [Theory]
    [InlineData(0, 8, 8, 3, 1, 5)]
    [InlineData(1, 7, 10, 4, 2, 4)]
    [InlineData(2, 6, 6, 3, 1, 3)]
    [InlineData(3, 5, 9, 14, 1, 2)]
    public void Windows_are_cut_and_put_together(int index, int height, int width, int window, int batch, int channels)
    {
        using var golden = new SlicedGolden("hqsam/encoder_ops.safetensors");
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var x = Input($"wp{index}.x", batch, height, width, channels);
        var windows = Windows.Partition(x, window);
        golden.AssertClose($"window_partition{index}.windows", windows, 0);
        Assert.Equal(0, (Windows.Unpartition(windows, height, width) - x).abs().max().item<float>());
        golden.AssertClose($"window_unpartition{index}.x", Windows.Unpartition(Input($"wu{index}.x", windows.shape), height, width), 0);
    }

    [Theory]
    [InlineData(0, 5, 5, 9, 4)]
    [InlineData(1, 5, 5, 13, 4)]
    [InlineData(2, 7, 7, 9, 3)]
    [InlineData(3, 4, 8, 15, 3)]
    [InlineData(4, 8, 4, 15, 3)]
    [InlineData(5, 3, 5, 9, 2)]
    [InlineData(6, 6, 4, 27, 2)]
    [InlineData(7, 1, 1, 1, 2)]
    [InlineData(8, 14, 14, 27, 8)]
    [InlineData(9, 64, 64, 27, 4)]
    public void Relative_positions_are_looked_up(int index, int queries, int keys, int length, int channels)
    {
        using var golden = new SlicedGolden("hqsam/encoder_ops.safetensors");
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        golden.AssertClose($"get_rel_pos{index}", RelativePosition.Table(queries, keys, Input($"rp{index}", length, channels)), Operator);
    }

    [Theory]
    [InlineData(0, 2, 6, 7, 7, 4, 4, 4, 4)]
    [InlineData(1, 3, 4, 5, 9, 3, 5, 3, 5)]
    [InlineData(2, 2, 6, 15, 9, 4, 4, 4, 4)]
    [InlineData(3, 1, 5, 11, 15, 6, 4, 3, 8)]
    public void Relative_positions_are_added(int index, int n, int channels, int rows, int columns, int qh, int qw, int kh, int kw)
    {
        using var golden = new SlicedGolden("hqsam/encoder_ops.safetensors");
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var (byRow, byColumn) = RelativePosition.Bias(
            Input($"ad{index}.q", n, qh * qw, channels), Input($"ad{index}.h", rows, channels), Input($"ad{index}.w", columns, channels), (qh, qw), (kh, kw));
        var bias = (byRow.unsqueeze(3) + byColumn.unsqueeze(2)).view(n, qh * qw, kh * kw);
        golden.AssertClose($"add_decomposed_rel_pos{index}", Input($"ad{index}.attn", n, qh * qw, kh * kw) + bias, Operator);
    }

    [Fact]
    public void Blocks_of_queries_and_of_heads_give_what_one_softmax_gives()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        foreach (var (n, length, side) in new[] { (3, 1200, 30), (40, 196, 14), (2, 7, 3) })
        {
            var keys = side * side;
            Tensor q = randn(n, length, 8), k = randn(n, keys, 8), v = randn(n, keys, 8), rows = randn(n, length, side), columns = randn(n, length, side);
            var bias = (rows.unsqueeze(3) + columns.unsqueeze(2)).view(n, length, keys);
            var scores = q.matmul(k.transpose(1, 2)) * 0.3;
            Assert.InRange((RelativeAttention.Forward(q, k, v, rows, columns, 0.3) - softmax(scores + bias, -1).matmul(v)).abs().max().item<float>(), 0, 1e-5);
            Assert.InRange((RelativeAttention.Forward(q, k, v, null, null, 0.3) - softmax(scores, -1).matmul(v)).abs().max().item<float>(), 0, 1e-5);
        }
    }

    [Fact]
    public void Layer_norm_runs_over_channels()
    {
        using var golden = new SlicedGolden("hqsam/encoder_ops.safetensors");
        using var norm = Filled(new LayerNorm2d(6), "ln2d.");
        using var leaks = new LeakCheck();
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        golden.AssertClose("layernorm2d", norm.call(FillRule.Input("ln2d.x", [2, 6, 3, 5], 3) + 0.7), Operator);
        golden.AssertClose("layernorm2d_small", norm.call(FillRule.Input("ln2d.small", [1, 6, 2, 2], 1e-3)), Operator);
    }

    [Fact]
    public void Attention_and_blocks_match()
    {
        using var golden = new SlicedGolden("hqsam/encoder_ops.safetensors");
        var config = Tiny with { EmbedDim = 24, Heads = 3 };
        using var attention = Filled(new ViTAttention(24, 3, hasBias: true, (5, 6)), "attn.");
        using var windowed = Filled(new ViTBlock(config, window: 4), "block.");
        using var global = Filled(new ViTBlock(config, window: 0, grid: (5, 6)), "block.");
        using var mlp = Filled(new MlpBlock(10, 20, isGelu: true), "mlp.");
        using var leaks = new LeakCheck();
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var x = Input("attn.x", 2, 5, 6, 24);
        golden.AssertClose("attention", attention.Forward(x, window: 0), Operator);
        golden.AssertClose("attention_interp", attention.Forward(Input("attn.x2", 1, 4, 9, 24), window: 0), Operator);
        golden.AssertClose("block_window", windowed.call(x), Operator);
        golden.AssertClose("block_global", global.call(x), Operator);
        golden.AssertClose("mlpblock_gelu", mlp.call(FillRule.Input("mlp.x", [3, 10], 3)), Operator);
    }
}
