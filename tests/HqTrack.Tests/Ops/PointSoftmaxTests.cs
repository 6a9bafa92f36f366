using HqTrack.Ops;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Ops;

/// <summary>Softmax over short rows against the library's.</summary>
[Collection("torch")]
public sealed class PointSoftmaxTests
{
    [Theory]
    [InlineData(9, 4)]
    [InlineData(25, 3)]
    [InlineData(1, 5)]
    public void It_is_the_librarys(int points, int groups)
    {
        using var leaks = new LeakCheck();
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var x = FillRule.Input("softmax", [2, 17, 19, groups * points], 30);
        var expected = softmax(x.view(2, 17, 19, groups, points), -1).flatten(3);
        Assert.InRange(FillRule.RelativeError(PointSoftmax.Forward(x, points), expected), 0, 1e-6);
        Assert.InRange(FillRule.RelativeError(PointSoftmax.Forward(x.transpose(0, 1), points), expected.transpose(0, 1)), 0, 1e-6); // strided
    }

    [Fact]
    public void Values_far_apart_neither_overflow_nor_vanish()
    {
        using var leaks = new LeakCheck();
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var result = PointSoftmax.Forward(tensor(new[] { 3e4f, -3e4f, 0, -500, -501, -1e5f }), 3);
        Assert.Equal([1, 0, 0, 0.7310586f, 0.2689414f, 0], result.data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Gradients_pass_where_they_are_asked_for()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var x = FillRule.Input("softmax", [4, 18]).requires_grad_();
        PointSoftmax.Forward(x, 9).square().sum().backward();
        Assert.True(x.grad!.abs().max().item<float>() > 0);
    }
}
