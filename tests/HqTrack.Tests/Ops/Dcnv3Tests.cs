using HqTrack.Ops;
using HqTrack.Ops.Simd;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Ops;

/// <summary>The kernel of deformable convolution v3 against the composed operations, its gradients, its vector widths, its threads.</summary>
[Collection("torch")]
public sealed class Dcnv3Tests
{
    // Batch, height, width, groups, channels of a group, kernel, stride, padding, dilation, offset scale, size of the offsets.
    public static TheoryData<int, int, int, int, int, int, int, int, int, double, double> Cases => new()
    {
        { 1, 7, 9, 2, 16, 3, 1, 1, 1, 1, 2 },
        { 2, 5, 6, 3, 8, 3, 2, 1, 1, 1.5, 3 },
        { 1, 8, 7, 2, 5, 5, 1, 2, 1, 1, 4 },
        { 1, 9, 9, 1, 32, 3, 1, 2, 2, 0.5, 100 },
        { 1, 1, 1, 2, 4, 3, 1, 1, 1, 1, 1 },
        { 2, 4, 5, 5, 20, 3, 1, 1, 1, 2, 1e7 },
        { 1, 5, 4, 2, 3, 1, 1, 0, 1, 1, 1.5 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_the_composed_operations_forward_and_backward(
        int batch, int height, int width, int groups, int channels, int kernel, int stride, int padding, int dilation, double scale, double reach)
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var geometry = new Dcnv3Geometry(groups, kernel, stride, padding, dilation, scale);

        // In double: where a sample falls just beside a pixel's border, rounding decides which side its gradient is taken from.
        var inputs = Inputs(batch, height, width, channels, geometry, reach, ScalarType.Float64);
        foreach (var x in inputs)
        {
            x.requires_grad_();
        }

        Tensor[] Run(Func<Tensor, Tensor, Tensor, Dcnv3Geometry, Tensor> op)
        {
            var result = op(inputs[0], inputs[1], inputs[2], geometry);
            return [result, .. autograd.grad([result], inputs, [FillRule.Input("upstream", result.shape).to_type(ScalarType.Float64)])];
        }

        Assert.All(Run(Dcnv3Composed.Forward).Zip(Run(Dcnv3.Forward)), pair => Assert.InRange(Difference(pair.First, pair.Second), 0, 1e-7));
    }

    [Theory]
    [InlineData(3, 1, 1, 1, 1.0)]
    [InlineData(3, 2, 1, 1, 1.5)]
    [InlineData(5, 1, 2, 1, 1.0)]
    [InlineData(3, 1, 2, 2, 0.5)]
    public void Gradients_are_the_central_differences_in_double(int kernel, int stride, int padding, int dilation, double scale)
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var geometry = new Dcnv3Geometry(2, kernel, stride, padding, dilation, scale);
        var inputs = Inputs(1, 4, 5, 3, geometry, 3, ScalarType.Float64);
        using var upstream = FillRule.Input("upstream", [1, geometry.Output(4), geometry.Output(5), 6]).to_type(ScalarType.Float64);
        GradientCheck.Run(() => (Dcnv3.Forward(inputs[0], inputs[1], inputs[2], geometry) * upstream).sum(), inputs, 1e-7);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_vector_width_gives_the_scalar_result(
        int batch, int height, int width, int groups, int channels, int kernel, int stride, int padding, int dilation, double scale, double reach)
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var geometry = new Dcnv3Geometry(groups, kernel, stride, padding, dilation, scale);
        var inputs = Inputs(batch, height, width, channels, geometry, reach, ScalarType.Float32);
        Tensor[] Run(VectorWidth limit)
        {
            var result = Dcnv3Cpu.Forward(inputs[0], inputs[1], inputs[2], geometry, limit);
            var (input, offset, mask) = Dcnv3Cpu.Backward(inputs[0], inputs[1], inputs[2], FillRule.Input("upstream", result.shape), geometry, true, limit);
            return [result, input!, offset, mask];
        }

        var scalar = Run(VectorWidth.Scalar);
        foreach (var limit in Enum.GetValues<VectorWidth>())
        {
            Assert.All(scalar.Zip(Run(limit)), pair => Assert.InRange(Difference(pair.First, pair.Second), 0, 1e-5));
        }
    }

    [Fact]
    public void Offsets_that_are_no_numbers_read_nothing_outside_and_show_in_the_output()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var geometry = new Dcnv3Geometry(1);
        foreach (var limit in Enum.GetValues<VectorWidth>())
        {
            foreach (var (value, isNumber) in new[] { (float.NaN, false), (float.PositiveInfinity, false), (float.MaxValue, true), (-1e30f, true) })
            {
                var output = Dcnv3Cpu.Forward(ones(1, 3, 4, 16), full([1, 3, 4, 18], value), ones(1, 3, 4, 9), geometry, limit);
                Assert.Equal(isNumber, output.isfinite().all().item<bool>());
            }
        }
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var geometry = new Dcnv3Geometry(4);
        var inputs = Inputs(2, 11, 13, 16, geometry, 3, ScalarType.Float32);
        foreach (var x in inputs)
        {
            x.requires_grad_();
        }

        byte[][] Run(int threads)
        {
            set_num_threads(threads);
            var result = Dcnv3.Forward(inputs[0], inputs[1], inputs[2], geometry);
            Tensor[] all = [result, .. autograd.grad([result], inputs, [FillRule.Input("upstream", result.shape)])];
            return [.. all.Select(x => TensorSpan.ToArray<byte>(x.detach()))];
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
    public void Shapes_that_do_not_fit_are_named()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var geometry = new Dcnv3Geometry(2);
        Tensor Offsets() => zeros(1, 4, 5, 36);
        Assert.Contains("[1, 4, 5, 17]", Assert.Throws<ArgumentException>(() => Dcnv3.Forward(zeros(1, 4, 5, 8), Offsets(), zeros(1, 4, 5, 17), geometry)).Message, StringComparison.Ordinal);
        Assert.Contains("multiple of 2", Assert.Throws<ArgumentException>(() => Dcnv3.Forward(zeros(1, 4, 5, 7), Offsets(), zeros(1, 4, 5, 18), geometry)).Message, StringComparison.Ordinal);
        Assert.Contains("Float16", Assert.Throws<ArgumentException>(() => Dcnv3.Forward(zeros(1, 4, 5, 8).half(), Offsets(), zeros(1, 4, 5, 18), geometry)).Message, StringComparison.Ordinal);
    }

    private static Tensor[] Inputs(int batch, int height, int width, int channels, Dcnv3Geometry geometry, double reach, ScalarType dtype)
    {
        long h = geometry.Output(height), w = geometry.Output(width), points = geometry.Groups * geometry.Points;
        return
        [
            FillRule.Input("input", [batch, height, width, geometry.Groups * channels]).to_type(dtype),
            FillRule.Input("offset", [batch, h, w, points * 2], reach).to_type(dtype),
            FillRule.Input("mask", [batch, h, w, points]).to_type(dtype),
        ];
    }

    private static double Difference(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        return ((expected - actual).abs().max() / expected.abs().max().clamp_min(1)).to_type(ScalarType.Float64).item<double>();
    }
}
