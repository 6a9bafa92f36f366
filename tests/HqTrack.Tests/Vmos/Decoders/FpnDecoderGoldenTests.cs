using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;
using HqTrack.Vmos.Decoders;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos.Decoders;

/// <summary>The papers' head against the release, on VMOS's maps and on the single-scale baseline's.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("vmos/fpn_head.safetensors")]
public sealed class FpnDecoderGoldenTests
{
    private const double NetworkTolerance = 2e-4;

    [Fact]
    public void The_pyramid_on_multi_scale_maps_matches() =>
        Check("multi_scale", VmosConfig.HqTrack, ("fpn.s4", "fpn.s8", "fpn.s16"), fine: "fpn.emb4");

    [Fact]
    public void The_pyramid_on_single_scale_maps_matches() =>
        Check("single_scale", VmosConfig.R50DeaotL, ("fpn.b4", "fpn.b8", "fpn.b16"), fine: null);

    private static void Check(string name, VmosConfig config, (string S4, string S8, string S16) shortcuts, string? fine)
    {
        NativeRuntime.EnsureLoaded();
        using var golden = SafetensorsFile.Open(Goldens.Find("vmos/fpn_head.safetensors"));
        var dims = config.EncoderDims;
        using var decoder = new FpnDecoder(2 * config.EmbeddingDim, config.MaxObjects + 1, config.DecoderDims, (dims.S4, dims.S8, dims.S16));
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        FillRule.Apply(decoder, golden.Metadata["prefix"]);
        var s16 = FillRule.Input(shortcuts.S16, [1, dims.S16, 7, 9]);
        var features = new ImageFeatures(
            FillRule.Input(shortcuts.S4, [1, dims.S4, 25, 33]), FillRule.Input(shortcuts.S8, [1, dims.S8, 13, 17]), s16, s16, null, null);
        var hints = fine is null ? default : new DecoderHints(S4: FillRule.Input(fine, [1, 128, 25, 33]));
        var (logits, _) = decoder.Forward(FillRule.Input("fpn.emb16", [1, 512, 7, 9]), features, hints);
        Assert.InRange(FillRule.RelativeError(logits, Safetensors.LoadTensor(golden, name)), 0, NetworkTolerance);
    }
}
