using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner.Sam;

/// <summary>Networks filled by the goldens' rule, and the tiny config that several files use.</summary>
internal static class SamGoldens
{
    // Suggested by goldens/hqsam/README.md, "Tolerances".
    public const double Operator = 1e-5;
    public const double Embedding = 2e-5;
    public const double Early = 1e-4;
    public const double Masks = 1e-4;
    public const double Iou = 1e-5;
    public const double Logits = 2e-4;

    public static SamConfig Tiny { get; } = new()
    {
        Name = "tiny",
        Encoder = SamEncoder.ViT,
        ImageSize = 128,
        EmbedDim = 64,
        EarlyDim = 64,
        Depth = 4,
        Heads = 4,
        GlobalBlocks = [1, 3],
        WindowSize = 3,
        PromptDim = 32,
        DecoderMlpDim = 64,
        DecoderHeads = 4,
        IouHiddenDim = 32,
    };

    public static SamNetwork Network(SamConfig config)
    {
        NativeRuntime.EnsureLoaded();
        var network = new SamNetwork(config);
        FillRule.Apply(network);
        network.PrepareForInference();
        return network;
    }

    /// <summary>A part of a network, filled as if it stood under a prefix.</summary>
    public static T Filled<T>(T module, string prefix)
        where T : nn.Module
    {
        FillRule.Apply(module, prefix);
        module.eval();
        return module;
    }

    /// <summary>Gives the sharpener's last weights, which start at 0, values that a gradient passes.</summary>
    public static void LetSharpen(SamNetwork network)
    {
        using var grad = no_grad();
        nn.init.normal_(network.named_parameters().Single(entry => entry.name == "mask_sharpener.output.weight").parameter, 0, 0.1);
    }

    public static Tensor Input(string name, params long[] shape) => FillRule.Input(name, shape);
}
