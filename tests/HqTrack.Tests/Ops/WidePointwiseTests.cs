using HqTrack.Ops;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Ops;

/// <summary>Wide convolutions of one pixel against sums in double precision.</summary>
[Collection("torch")]
public sealed class WidePointwiseTests
{
    [Theory]
    [InlineData(256, 1024, 1, 12, 20)]
    [InlineData(512, 1024, 2, 13, 9)]
    [InlineData(1024, 256, 1, 7, 5)]
    public void Is_the_convolution(long from, long to, long stride, long height, long width)
    {
        NativeRuntime.EnsureLoaded();
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        Tensor x = randn(2, from, height, width), weight = randn(to, from, 1, 1) / Math.Sqrt(from), bias = randn(to);
        Assert.True(WidePointwise.Fits(weight));
        var result = WidePointwise.Forward(ChannelsLast.Of(x), weight, bias, stride);
        var picked = x.to(ScalarType.Float64).slice(2, 0, height, stride).slice(3, 0, width, stride);
        var expected = einsum("oi,bihw->bohw", weight.view(to, from).to(ScalarType.Float64), picked) + bias.view(1, -1, 1, 1);
        Assert.Equal(expected.shape, result.shape);
        Assert.InRange((result.to(ScalarType.Float64) - expected).abs().max().item<double>(), 0, 1e-4);
    }

    [Theory]
    [InlineData(1024, 1024, 3, 1, 1)]
    [InlineData(1024, 1024, 1, 0, 2)]
    [InlineData(960, 320, 1, 0, 1)]
    public void Leaves_other_convolutions_alone(long to, long from, long kernel, long padding, long groups)
    {
        NativeRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        Assert.False(WidePointwise.Fits(zeros(to, from / groups, kernel, kernel), padding, groups));
    }
}
