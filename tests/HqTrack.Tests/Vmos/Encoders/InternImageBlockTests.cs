using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos.Encoders;

/// <summary>InternImage's block: what inference does in parts and by own kernels is what training composes.</summary>
[Collection("torch")]
public sealed class InternImageBlockTests
{
    [Fact]
    public void Inference_and_training_agree_and_gradients_reach_every_parameter()
    {
        NativeRuntime.EnsureLoaded();
        var config = new InternImageConfig { Channels = 16, Depths = [1, 1, 1, 1], Groups = [2, 2, 2, 2], LayerScale = 1 };
        using var block = new InternImageBlock(config, 16, 2);
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        FillRule.Apply(block);
        var x = FillRule.Input("block", [2, 47, 59, 16]); // 5546 positions: three parts, the last one short
        using (no_grad())
        {
            var inferred = block.call(x);
            using var grad = enable_grad();
            var trained = block.call(x);
            Assert.InRange(FillRule.RelativeError(inferred, trained.detach()), 0, 1e-5);
            trained.square().mean().backward();
        }

        foreach (var (name, parameter) in block.named_parameters())
        {
            Assert.True(parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0, name);
        }

        block.zero_grad();
        foreach (var parameter in block.parameters())
        {
            parameter.grad = null;
        }
    }
}
