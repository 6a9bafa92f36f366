using HqTrack.Ops;
using HqTrack.Ops.Simd;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Ops;

/// <summary>The kernel of windowed attention against the composed operations, its gradients, its vector widths, its threads.</summary>
[Collection("torch")]
public sealed class LocalAttentionTests
{
    public enum BiasKind
    {
        None,
        Shared,
        PerQuery,
    }

    // Batch, height, width, radius, D, C: odd sizes, grids smaller than the window, channels that fill no whole register.
    public static TheoryData<int, int, int, int, int, int> Shapes => new()
    {
        { 1, 9, 13, 2, 16, 32 },
        { 2, 5, 7, 7, 20, 44 },
        { 3, 1, 1, 3, 7, 5 },
        { 1, 3, 29, 4, 33, 101 },
        { 2, 17, 2, 4, 32, 44 },
        { 1, 16, 16, 7, 64, 172 },
        { 1, 6, 6, 0, 3, 2 },
        { 1, 4, 5, 1, 17, 18 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Agrees_with_the_composed_operations_forward_and_backward(int batch, int height, int width, int radius, int keyDim, int channels)
    {
        using var leaks = new LeakCheck();
        foreach (var kind in Enum.GetValues<BiasKind>())
        {
            using var scope = NewDisposeScope();
            var inputs = Inputs(batch, height, width, radius, keyDim, channels, kind, ScalarType.Float32);
            foreach (var x in inputs)
            {
                x.requires_grad_();
            }

            var scale = 1 / Math.Sqrt(keyDim);
            var upstream = FillRule.Input("upstream", [batch, height * width, channels]);
            Tensor[] Run(Func<Tensor, Tensor, Tensor, Tensor?, int, int, int, double, Tensor> op)
            {
                var result = op(inputs[0], inputs[1], inputs[2], inputs.ElementAtOrDefault(3), height, width, radius, scale);
                return [result, .. autograd.grad([result], inputs, [upstream])];
            }

            var expected = Run(LocalAttentionReference.Forward);
            Assert.All([LocalAttention.Forward, LocalAttentionDense.Forward], (Func<Tensor, Tensor, Tensor, Tensor?, int, int, int, double, Tensor> op) =>
                Assert.All(expected.Zip(Run(op)), pair => Assert.InRange(Difference(pair.First, pair.Second), 0, 2e-5)));
            Assert.InRange(expected[0].abs().max().item<float>(), 0.1f, 10f);
        }
    }

    [Theory]
    [InlineData(BiasKind.None)]
    [InlineData(BiasKind.Shared)]
    [InlineData(BiasKind.PerQuery)]
    public void Gradients_are_the_central_differences_in_double(BiasKind kind)
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        const int Height = 3, Width = 6, Radius = 2;
        var inputs = Inputs(2, Height, Width, Radius, 3, 4, kind, ScalarType.Float64);
        var upstream = FillRule.Input("upstream", [2, Height * Width, 4]).to_type(ScalarType.Float64);
        Tensor Forward() => LocalAttention.Forward(inputs[0], inputs[1], inputs[2], inputs.ElementAtOrDefault(3), Height, Width, Radius, 0.7);
        GradientCheck.Run(() => (Forward() * upstream).sum(), inputs, 1e-8);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_vector_width_gives_the_scalar_result(int batch, int height, int width, int radius, int keyDim, int channels)
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var inputs = Inputs(batch, height, width, radius, keyDim, channels, BiasKind.PerQuery, ScalarType.Float32);
        var upstream = FillRule.Input("upstream", [batch, height * width, channels]);
        Tensor[] Run(VectorWidth limit)
        {
            var result = LocalAttentionCpu.Forward(inputs[0], inputs[1], inputs[2], inputs[3], height, width, radius, 0.3, limit);
            var (q, k, v, bias) = LocalAttentionCpu.Backward(
                inputs[0], inputs[1], inputs[2], inputs[3], upstream, height, width, radius, 0.3, new(true, true, true, true), limit);
            return [result, q!, k!, v!, bias!];
        }

        var scalar = Run(VectorWidth.Scalar);
        foreach (var limit in Enum.GetValues<VectorWidth>())
        {
            Assert.All(scalar.Zip(Run(limit)), pair => Assert.InRange(Difference(pair.First, pair.Second), 0, 1e-5));
        }
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        const int Height = 13, Width = 19, Radius = 4;
        var inputs = Inputs(2, Height, Width, Radius, 32, 44, BiasKind.Shared, ScalarType.Float32);
        foreach (var x in inputs)
        {
            x.requires_grad_();
        }

        byte[][] Run(int threads)
        {
            set_num_threads(threads);
            var result = LocalAttention.Forward(inputs[0], inputs[1], inputs[2], inputs[3], Height, Width, Radius, 0.3);
            var upstream = FillRule.Input("upstream", result.shape);
            Tensor[] all = [result, .. autograd.grad([result], inputs, [upstream])];
            return [.. all.Select(x => TensorSpan.ToArray<byte>(x.detach().contiguous()))];
        }

        var before = get_num_threads();
        try
        {
            Assert.Equal(Run(1), Run(2));
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public void Only_the_gradients_that_are_asked_for_are_made()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var inputs = Inputs(1, 5, 5, 1, 4, 4, BiasKind.None, ScalarType.Float32);
        inputs[2].requires_grad_();
        LocalAttention.Forward(inputs[0], inputs[1], inputs[2], null, 5, 5, 1, 1).sum().backward();
        Assert.Null(inputs[0].grad);
        Assert.Null(inputs[1].grad);
        Assert.Equal(25 * 4, inputs[2].grad!.sum().item<float>(), 1e-3);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        Tensor q = zeros(1, 12, 4), v = zeros(1, 12, 8);
        Assert.Contains("[1, 12, 4]", Assert.Throws<ArgumentException>(() => LocalAttention.Forward(q, q, v, null, 3, 5, 1, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("[9]", Assert.Throws<ArgumentException>(() => LocalAttention.Forward(q, q, v, zeros(25), 3, 4, 1, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("Float16", Assert.Throws<ArgumentException>(() => LocalAttention.Forward(q.half(), q, v, null, 3, 4, 1, 1)).Message, StringComparison.Ordinal);
    }

    private static Tensor[] Inputs(int batch, int height, int width, int radius, int keyDim, int channels, BiasKind kind, ScalarType dtype)
    {
        long length = (long)height * width, positions = ((2 * radius) + 1) * ((2 * radius) + 1);
        Tensor Make(string name, params long[] shape) => FillRule.Input(name, shape, name == "v" ? 1 : 2).to_type(dtype);
        List<Tensor> inputs = [Make("q", batch, length, keyDim), Make("k", batch, length, keyDim), Make("v", batch, length, channels)];
        if (kind != BiasKind.None)
        {
            inputs.Add(kind == BiasKind.Shared ? Make("bias", positions) : Make("bias", batch, length, positions));
        }

        return [.. inputs];
    }

    private static double Difference(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        return ((expected - actual).abs().max() / expected.abs().max().clamp_min(1)).item<float>();
    }
}
