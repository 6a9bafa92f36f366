using HqTrack.Ops;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos.Propagation;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos.Propagation;

/// <summary>Gated propagation and one whole module against the release. Its position codes are left out: no module reads them.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("vmos/propagation.safetensors")]
public sealed class PropagationGoldenTests
{
    private const double NetworkTolerance = 2e-4;
    private const int Height = 9, Width = 13, Length = Height * Width, Dim = 64, AttentionDim = 32, Radius = 7;

    [Fact]
    public void Long_term_propagation_matches()
    {
        using var network = Filled(new GatedPropagation(2 * Dim), "long_term_attn.");
        Check(golden =>
        {
            var memory = new LayerMemory(Sequence("gp.k", 3 * Length, AttentionDim), Sequence("gp.v", 3 * Length, 4 * Dim));
            var (output, _) = network.Forward(Sequence("gp.q", Length, AttentionDim), memory, Sequence("gp.u", Length, 4 * Dim), (Height, Width));
            return [(output, "gated_propagation")];
        });
    }

    [Fact]
    public void Self_propagation_matches()
    {
        using var network = Filled(new SelfGatedPropagation(2 * Dim, AttentionDim), "self_attn.");
        Check(golden =>
        {
            var x = Sequence("gps.q", Length, 2 * Dim);
            return [(network.Forward(x.narrow(2, 0, Dim), x.narrow(2, Dim, Dim), (Height, Width)), "gated_propagation_self")];
        });
    }

    [Fact]
    public void Short_term_propagation_matches()
    {
        using var network = Filled(new LocalGatedPropagation(2 * Dim, AttentionDim, Radius), "short_term_attn.");
        Check(golden =>
        {
            Tensor Map(string name, long channels) => ChannelsLast.ToSequence(FillRule.Input(name, [1, channels, Height, Width]));
            var memory = new LayerMemory(Map("lgp.k", AttentionDim), Map("lgp.v", 4 * Dim));
            var (output, _) = network.Forward(Map("lgp.q", AttentionDim), memory, Sequence("gp.u", Length, 4 * Dim), (Height, Width));
            return [(output, "local_gated_propagation")];
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_whole_module_matches(int index)
    {
        using var module = Filled(new GatedPropagationModule(Dim, Radius, isFirst: index == 0), $"layers.{index}.");
        Check(golden =>
        {
            var visual = Sequence("gpm.tgt", Length, Dim);
            var identity = index == 0 ? null : Sequence("gpm.tgt_id", Length, Dim);
            var (state, gate) = module.Project(visual, identity);
            var memory = module.Remember(state, Sequence("gpm.id_emb", Length, Dim), null);
            var reference = module.Propagate(visual, identity, state, gate, memory, memory, (Height, Width));

            var nextVisual = Sequence("gpm.tgt2", Length, Dim);
            var (nextState, nextGate) = module.Project(nextVisual, identity);
            var next = module.Propagate(nextVisual, identity, nextState, nextGate, memory, memory, (Height, Width));
            return
            [
                (reference.Visual, $"module{index}.reference.out"),
                (reference.Identity, $"module{index}.reference.out_id"),
                (memory.Key, $"module{index}.memory.k"),
                (memory.Value.narrow(2, 0, 2 * Dim), $"module{index}.memory.v"),
                (memory.Value.narrow(2, 2 * Dim, 2 * Dim), $"module{index}.memory.id_v"),
                (next.Visual, $"module{index}.propagate.out"),
                (next.Identity, $"module{index}.propagate.out_id"),
            ];
        });
    }

    private static void Check(Func<SafetensorsFile, (Tensor Ours, string Name)[]> compute)
    {
        using var golden = SafetensorsFile.Open(Goldens.Find("vmos/propagation.safetensors"));
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        foreach (var (ours, name) in compute(golden))
        {
            // Stored as [L, 1, C].
            var error = FillRule.RelativeError(ours.transpose(0, 1), Safetensors.LoadTensor(golden, name));
            Assert.True(error <= NetworkTolerance, $"{name}: relative error {error:g3}");
        }
    }

    private static T Filled<T>(T module, string prefix)
        where T : nn.Module
    {
        FillRule.Apply(module, prefix);
        module.eval();
        return module;
    }

    // Inputs are named for the shape [L, 1, C].
    private static Tensor Sequence(string name, long length, long channels) => FillRule.Input(name, [length, 1, channels]).transpose(0, 1);
}
