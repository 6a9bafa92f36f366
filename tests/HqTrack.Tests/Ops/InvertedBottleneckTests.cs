using HqTrack.Ops;
using HqTrack.Ops.Simd;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Ops;

[Collection("torch")]
public sealed class InvertedBottleneckTests
{
    public static TheoryData<int, int, int, int, int, bool> Shapes => new()
    {
        { 16, 96, 24, 37, 2, true },
        { 24, 144, 24, 37, 1, true },
        { 24, 144, 32, 30, 2, true },
        { 32, 32, 16, 19, 1, false },
        { 5, 30, 7, 13, 1, true }, // no register fits: scalars
        { 8, 48, 8, 1, 1, true },
        { 8, 48, 8, 2, 2, true },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_width_gives_what_the_library_does(int channels, int hidden, int outChannels, int side, int stride, bool hasExpansion)
    {
        NativeRuntime.EnsureLoaded();
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        random.manual_seed(side);
        (Tensor, Tensor) Weights(params long[] shape) => (randn(shape) * 0.4, randn(shape[0]));
        (Tensor Weight, Tensor Bias)? expansion = hasExpansion ? Weights(hidden, channels, 1, 1) : null;
        (Tensor Weight, Tensor Bias) depthwise = Weights(hidden, 1, 3, 3), projection = Weights(outChannels, hidden, 1, 1);
        var hasResidual = stride == 1 && channels == outChannels;
        var x = randn(2, channels, side + 5, side);
        x = hasResidual ? x : ChannelsLast.Of(x); // either layout

        var y = expansion is { } first ? nn.functional.relu6(nn.functional.conv2d(x, first.Weight, first.Bias)) : x;
        y = nn.functional.relu6(nn.functional.conv2d(y, depthwise.Weight, depthwise.Bias, [stride, stride], [1, 1], groups: hidden));
        y = nn.functional.conv2d(y, projection.Weight, projection.Bias);
        y = hasResidual ? y + x : y;

        using var fused = new InvertedBottleneck(expansion, depthwise, projection, stride, hasResidual);
        foreach (var width in Enum.GetValues<VectorWidth>())
        {
            var found = fused.Forward(x, width);
            Assert.Equal(y.shape, found.shape);
            Assert.InRange(((found - y).abs().max() / y.abs().max()).item<float>(), 0, 1e-5);
        }
    }

    [Fact]
    public void The_number_of_threads_does_not_matter()
    {
        NativeRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var fused = new InvertedBottleneck((randn(96, 16, 1, 1), randn(96)), (randn(96, 1, 3, 3), randn(96)), (randn(24, 96, 1, 1), randn(24)), 2, hasResidual: false);
        var x = ChannelsLast.Of(randn(1, 16, 81, 90));
        var threads = get_num_threads();
        try
        {
            set_num_threads(1);
            var alone = fused.Forward(x);
            set_num_threads(Math.Max(threads, 2));
            Assert.Equal(0, (alone - fused.Forward(x)).abs().max().item<float>());
        }
        finally
        {
            set_num_threads(threads);
        }
    }
}
