using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;
using HqTrack.Vmos.Identities;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos;

/// <summary>Ids that no object has can be left out: the others' logits are the same.</summary>
[Collection("torch")]
public sealed class FewerIdsTests
{
    [Theory]
    [InlineData("lite")]
    [InlineData("deaot-t")]
    public void Logits_do_not_depend_on_unused_ids(string name)
    {
        manual_seed(3);
        using var network = new VmosNetwork(VmosConfig.All.First(config => config.Name == name));
        network.eval();
        using var leaks = new LeakCheck();
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var labels = randint(0, 3, [1, 65, 97], dtype: ScalarType.Byte);
        var all = Logits(network, LabelEncoding.OneHot(labels, network.Config.MaxObjects));
        var few = Logits(network, LabelEncoding.OneHot(labels, 2));
        Assert.InRange(FillRule.RelativeError(few, all), 0, 1e-5);
    }

    // Two frames after a reference, so that reference, memory and both mask inputs take part.
    private static Tensor Logits(VmosNetwork network, Tensor oneHot)
    {
        manual_seed(4);
        var first = network.EncodeImage(randn(1, 3, 65, 97));
        var second = network.EncodeImage(randn(1, 3, 65, 97));
        var reference = network.Reference(first, oneHot);
        var memory = network.Remember(second, network.Propagate(second, reference.Layers, reference.Layers), oneHot);
        return network.Decode(second, network.Propagate(second, reference.Layers, memory.Layers), memory.Local, network.FitTarget(reference.Layers), ids: 3);
    }
}
