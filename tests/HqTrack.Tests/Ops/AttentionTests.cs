using HqTrack.Ops;
using HqTrack.Ops.Simd;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Ops;

/// <summary>Attention in blocks against the same of library operations.</summary>
[Collection("torch")]
public sealed class AttentionTests
{
    // Batch, queries, keys, D, C: within one block, several blocks of keys, several of queries, parts that fill no register.
    [Theory]
    [InlineData(1, 5, 1, 3, 2)]
    [InlineData(2, 30, 77, 8, 21)]
    [InlineData(1, 50, 2300, 16, 33)]
    [InlineData(2, 1100, 1030, 4, 7)]
    public void Blocks_agree_with_the_composed_operations(int batch, int queries, int keys, int keyDim, int channels)
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        Tensor q = FillRule.Input("q", [batch, queries, keyDim]), k = FillRule.Input("k", [batch, keys, keyDim]), v = FillRule.Input("v", [batch, keys, channels]);
        foreach (var scale in new[] { 0.3, 40 })
        {
            var expected = Attention.Composed(q, k, v, scale);
            var actual = BlockedAttention.Forward(q, k, v, scale);
            Assert.Equal(expected.shape, actual.shape);
            Assert.InRange((expected - actual).abs().max().item<float>(), 0, 5e-5);
        }
    }

    [Fact]
    public void Strided_arguments_and_inference_mode_are_fine()
    {
        using var leaks = new LeakCheck();
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        Tensor q = FillRule.Input("q", [1, 6, 20]).transpose(1, 2), kv = FillRule.Input("kv", [1, 40, 15]);
        Tensor k = kv.narrow(2, 0, 6), v = kv.narrow(2, 6, 9);
        Assert.InRange((Attention.Composed(q, k, v, 1) - Attention.Forward(q, k, v, 1)).abs().max().item<float>(), 0, 1e-5);
    }

    [Fact]
    public void Scores_that_rise_from_block_to_block_do_not_overflow()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var k = arange(3000, dtype: ScalarType.Float32).view(1, -1, 1);
        var result = BlockedAttention.Forward(ones(1, 2, 1), k, k, 1);
        Assert.Equal(2999 - (1 / (Math.E - 1)), result[0, 1, 0].item<float>(), 1e-2);
    }

    [Fact]
    public void With_gradients_the_result_is_the_same_and_backward_reaches_all()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        Tensor q = FillRule.Input("q", [1, 9, 4]), k = FillRule.Input("k", [1, 12, 4]), v = FillRule.Input("v", [1, 12, 5]);
        var without = Attention.Forward(q, k, v, 1);
        q.requires_grad_();
        k.requires_grad_();
        v.requires_grad_();
        var with = Attention.Forward(q, k, v, 1);
        Assert.InRange((with.detach() - without).abs().max().item<float>(), 0, 1e-5);
        Assert.All(autograd.grad([with.square().sum()], [q, k, v]), gradient => Assert.NotEqual(0, gradient.abs().sum().item<float>()));
    }

    [Fact]
    public void Every_vector_width_gives_the_scalar_result()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        const int Rows = 11;
        Tensor[] blocks = [FillRule.Input("a", [Rows, 37], 5), FillRule.Input("b", [Rows, 16], 9), FillRule.Input("c", [Rows, 1], 30)];
        Tensor Run(VectorWidth limit)
        {
            var softmax = new RunningSoftmax(Rows, limit);
            var sums = full([Rows, 1], 7f);
            for (var i = 0; i < blocks.Length; i++)
            {
                var weights = blocks[i].clone();
                softmax.Step(weights, sums, isFirst: i == 0);
                sums.copy_(i == 0 ? weights.sum(1, keepdim: true) : sums + weights.sum(1, keepdim: true));
            }

            softmax.Finish(sums);
            return sums;
        }

        foreach (var limit in Enum.GetValues<VectorWidth>())
        {
            Assert.InRange((Run(limit) - 1).abs().max().item<float>(), 0, 1e-5); // the weights of a softmax sum to one
        }
    }
}
