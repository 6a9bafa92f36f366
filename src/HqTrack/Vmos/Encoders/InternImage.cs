using HqTrack.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Encoders;

/// <summary>
/// InternImage as VMOS uses it: the fourth level runs at 1/16 on the third level's output before its down-sampling, with the same
/// number of channels (HQTrack networks/encoders/intern_image.py).
/// </summary>
/// <remarks>Inside, maps are [B, H, W, C]; the maps handed out are channels_last views of them.</remarks>
internal sealed class InternImage : ImageEncoder
{
    private readonly InternImageStem patch_embed;
    private readonly ModuleList<InternImageLevel> levels = [];

    public InternImage(InternImageConfig config)
        : base(nameof(InternImage))
    {
        patch_embed = new InternImageStem(config.Channels);
        for (var level = 0; level < Stages; level++)
        {
            levels.Add(new InternImageLevel(config, level));
        }

        RegisterComponents();
    }

    // Layer norms cannot be folded: their statistics belong to the image.
    public override void Fold()
    {
    }

    protected override Tensor RunStage(int stage, Tensor x)
    {
        using var scope = NewDisposeScope();
        x = stage switch
        {
            0 => patch_embed.call(x),
            1 or 2 => levels[stage - 1].Downsample(x.permute(0, 2, 3, 1)),
            _ => x.permute(0, 2, 3, 1), // the third level's down-sampling, where there is one, stays unused
        };
        return levels[stage].call(x).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}

/// <summary>Two strided convolutions with layer norms; keys conv1, norm1.1, conv2, norm2.1.</summary>
internal sealed class InternImageStem : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly Sequential norm1;
    private readonly Conv2d conv2;
    private readonly Sequential norm2;

    public InternImageStem(long channels)
        : base(nameof(InternImageStem))
    {
        conv1 = nn.Conv2d(3, channels / 2, 3, stride: 2, padding: 1);
        norm1 = ChannelNorm.Create(channels / 2, "1");
        conv2 = nn.Conv2d(channels / 2, channels, 3, stride: 2, padding: 1);
        norm2 = ChannelNorm.Create(channels, "1");
        RegisterComponents();
    }

    /// <summary>[B, 3, H, W] -> [B, H/4, W/4, C].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = norm1.call(conv1.call(input).permute(0, 2, 3, 1));
        return norm2.call(conv2.call(nn.functional.gelu(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)).MoveToOuterDisposeScope();
    }
}

/// <summary>InternImage's layer norm over the last dimension, eps 1e-6, under the index that its place in a sequence has in checkpoints.</summary>
internal static class ChannelNorm
{
    public static Sequential Create(long channels, string index = "0") => nn.Sequential((index, nn.LayerNorm(channels, eps: 1e-6)));
}
