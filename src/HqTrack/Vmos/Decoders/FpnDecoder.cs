using HqTrack.Layers;
using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Decoders;

/// <summary>
/// The feature pyramid head: propagated map at 1/16, encoder shortcuts at 1/16, 1/8, 1/4, logits at 1/4 (aot-benchmark
/// networks/decoders/fpn.py, intermediate inputs off).
/// </summary>
internal sealed class FpnDecoder : nn.Module
{
    private readonly ConvGN conv_in;
    private readonly ConvGN conv_16x;
    private readonly ConvGN conv_8x;
    private readonly ConvGN conv_4x;
    private readonly Conv2d adapter_16x;
    private readonly Conv2d adapter_8x;
    private readonly Conv2d adapter_4x;
    private readonly Conv2d conv_out;

    /// <param name="inChannels">Channels of the propagated map.</param>
    /// <param name="outChannels">Ids and background.</param>
    /// <param name="dims">Channels at 1/16, 1/8 and 1/4.</param>
    /// <param name="shortcuts">Channels of the encoder maps at 1/4, 1/8 and 1/16.</param>
    public FpnDecoder(long inChannels, long outChannels, (int S16, int S8, int S4) dims, (int S4, int S8, int S16) shortcuts)
        : base(nameof(FpnDecoder))
    {
        conv_in = new ConvGN(inChannels, dims.S16, 1);
        conv_16x = new ConvGN(dims.S16, dims.S16, 3);
        conv_8x = new ConvGN(dims.S16, dims.S8, 3);
        conv_4x = new ConvGN(dims.S8, dims.S4, 3);
        adapter_16x = nn.Conv2d(shortcuts.S16, dims.S16, 1);
        adapter_8x = nn.Conv2d(shortcuts.S8, dims.S16, 1);
        adapter_4x = nn.Conv2d(shortcuts.S4, dims.S8, 1);
        conv_out = nn.Conv2d(dims.S4, outChannels, 1);
        RegisterComponents();
        Propagation.Initialization.Xavier(this);
    }

    /// <summary>Runs the pyramid.</summary>
    /// <param name="propagated">[B, C, H/16, W/16]</param>
    /// <param name="features">Encoder maps.</param>
    /// <param name="hints">Maps added before the levels' convolutions.</param>
    /// <returns>Logits [B, ids, H/4, W/4] and the map they are read from [B, dims.S4, H/4, W/4].</returns>
    public (Tensor Logits, Tensor Map) Forward(Tensor propagated, ImageFeatures features, DecoderHints hints = default)
    {
        using var scope = NewDisposeScope();
        var x = nn.functional.relu(conv_in.call(propagated), inplace: true);
        x = Level(conv_16x, adapter_16x, features.S16, x, hints.S16);
        x = Level(conv_8x, adapter_8x, features.S8, x, hints.S8);
        x = Level(conv_4x, adapter_4x, features.S4, x, hints.S4);
        return (conv_out.call(x).MoveToOuterDisposeScope(), x.MoveToOuterDisposeScope());
    }

    private static Tensor Level(ConvGN conv, Conv2d adapter, Tensor shortcut, Tensor x, Tensor? hint)
    {
        using var scope = NewDisposeScope();
        var sum = adapter.call(shortcut) + Resize.Bilinear(x, shortcut.size(2), shortcut.size(3));
        if (hint is not null)
        {
            sum = sum + hint;
        }

        return nn.functional.relu(conv.call(sum), inplace: true).MoveToOuterDisposeScope();
    }
}

/// <summary>What is added inside the pyramid: at 1/16 and 1/8 the carried masks of a mask path, at 1/4 the finest propagated map of a multi-scale network.</summary>
internal readonly record struct DecoderHints(Tensor? S16 = null, Tensor? S8 = null, Tensor? S4 = null);
