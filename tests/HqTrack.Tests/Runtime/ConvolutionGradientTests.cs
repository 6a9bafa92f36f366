using HqTrack.Ops;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Runtime;

/// <summary>Gradients of the kinds of convolutions that training runs, against double precision, which libtorch computes by other code.</summary>
[Collection("torch")]
public sealed class ConvolutionGradientTests
{
    [Theory]
    [InlineData(2, 64, 32, 3, 1, 1, 112)] // embedding_maskfeature.3
    [InlineData(2, 32, 64, 3, 1, 1, 112)] // embedding_maskfeature.0
    [InlineData(1, 256, 256, 3, 1, 1, 28)] // neck.2
    [InlineData(2, 6, 32, 3, 1, 1, 112)] // prompt_detail.0
    [InlineData(2, 32, 32, 3, 1, 1, 112)] // prompt_detail.3
    [InlineData(2, 256, 256, 7, 1, 256, 28)] // prompt_mixer
    [InlineData(2, 8, 32, 2, 2, 1, 56)] // mask_downscaling.3
    [InlineData(2, 96, 96, 3, 1, 96, 28)] // encoder 3x3
    [InlineData(2, 96, 576, 1, 1, 1, 28)] // encoder 1x1
    [InlineData(2, 128, 96, 3, 1, 1, 31)] // decoder 16
    [InlineData(2, 96, 64, 3, 1, 1, 61)] // decoder 8
    [InlineData(2, 64, 64, 3, 1, 1, 81)] // decoder 4
    [InlineData(2, 64, 64, 3, 2, 1, 60)] // residual
    [InlineData(2, 11, 32, 3, 1, 1, 61)] // mask path
    public void Agree_with_double_precision(long batch, long from, long to, long kernel, long stride, long groups, long side)
    {
        NativeRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var weight = randn(to, from / groups, kernel, kernel) / Math.Sqrt(from / groups * kernel * kernel);
        var x = randn(batch, from, side, side);
        var pad = kernel % 2 * (kernel / 2);
        Tensor[] Pass(ScalarType type, bool isLast)
        {
            var input = (isLast ? ChannelsLast.Of(x.to(type)) : x.to(type).clone()).requires_grad_();
            var own = weight.to(type).clone().requires_grad_();
            var bias = zeros(to, dtype: type, requires_grad: true);
            var y = nn.functional.conv2d(input, own, bias, strides: [stride, stride], padding: [pad, pad], groups: groups);
            var g = linspace(-1, 1, y.numel(), dtype: type).view(y.shape).sin();
            (y * (g * 37).sin()).sum().backward();
            return [y.detach(), input.grad!, own.grad!, bias.grad!];
        }

        var found = Pass(ScalarType.Float32, isLast: true);
        var errors = found.Zip(Pass(ScalarType.Float64, isLast: false)).Select(pair => ((pair.First.to(ScalarType.Float64) - pair.Second).abs().max() / pair.Second.abs().max()).item<double>());
        Assert.All(errors, error => Assert.InRange(error, 0, 1e-4)); // of the output, and the gradients of input, weight and bias
    }
}
