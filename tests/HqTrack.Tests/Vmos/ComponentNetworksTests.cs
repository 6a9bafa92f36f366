using HqTrack.Evaluation.Ablations;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;
using HqTrack.Vmos.Encoders;
using HqTrack.Vmos.Identities;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos;

/// <summary>The component study's four networks: of like size, small, of the right shapes, and trainable in every part.</summary>
[Collection("torch")]
public sealed class ComponentNetworksTests
{
    public static TheoryData<string> Names => [.. AblationStudy.ComponentModels];

    [Theory]
    [InlineData("ablation-residual", 2_754_476)]
    [InlineData("ablation-internimage", 2_883_162)]
    [InlineData("ablation-residual-ms", 3_561_741)]
    [InlineData("ablation-internimage-ms", 3_690_427)]
    public void Parameters_are_those_of_the_model_card(string name, long parameters)
    {
        Assert.Equal(parameters, Parameters(name));
        Assert.True(2 * parameters < 8_000_000, "more than 8 MB as float16");
    }

    [Theory]
    [InlineData("ablation-residual", "ablation-internimage")]
    [InlineData("ablation-residual-ms", "ablation-internimage-ms")]
    public void Encoders_make_networks_of_like_size(string residual, string internImage) =>
        Assert.InRange((double)Parameters(internImage) / Parameters(residual), 0.95, 1.05);

    [Theory]
    [MemberData(nameof(Names))]
    public void Shapes_are_right_and_gradients_reach_every_parameter(string name)
    {
        NativeRuntime.EnsureLoaded();
        using var network = new VmosNetwork(Config(name));
        foreach (var module in network.modules().OfType<DeformableConvolution>())
        {
            module.ScatterOffsets(); // as after some training: untrained ones are 0 and hide what is before them
        }

        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var features = network.EncodeImage(FillRule.Input("images", [2, 3, 65, 81]));
        Assert.Equal([2, 32, 17, 21], features.S4.shape);
        Assert.Equal([2, 64, 9, 11], features.S8.shape);
        Assert.Equal([2, 128, 5, 6], features.S16.shape);
        var oneHot = LabelEncoding.OneHot(Labels(), network.Config.MaxObjects);
        var memory = network.Reference(features, oneHot);
        Assert.Equal(network.Config.FineDims is null ? 1 : 2, memory.Layers.Count);
        var propagation = network.Propagate(features, memory.Layers, memory.Layers);
        var logits = network.Decode(features, propagation, memory.Local, network.FitTarget(memory.Layers));
        Assert.Equal([2, 11, 17, 21], logits.shape);
        (logits * FillRule.Input("loss", logits.shape)).sum().backward();

        foreach (var (key, parameter) in network.named_parameters())
        {
            Assert.True(parameter.grad is { } gradient && gradient.isfinite().all().item<bool>() && gradient.abs().max().item<float>() > 0, key);
            parameter.grad = null;
        }
    }

    private static VmosConfig Config(string name) => VmosConfig.All.Single(config => config.Name == name);

    private static long Parameters(string name)
    {
        NativeRuntime.EnsureLoaded();
        using var network = new VmosNetwork(Config(name));
        return network.parameters().Sum(parameter => parameter.numel());
    }

    // Two objects on [2, 65, 81].
    private static Tensor Labels()
    {
        var labels = zeros([2, 65, 81], dtype: ScalarType.Int64);
        labels.narrow(1, 10, 30).narrow(2, 5, 30).fill_(1);
        labels.narrow(1, 20, 40).narrow(2, 40, 30).fill_(2);
        return labels;
    }
}
