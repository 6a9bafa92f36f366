using HqTrack.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Vmos.Encoders;

/// <summary>Blocks of one resolution, and the down-sampling behind them.</summary>
internal sealed class InternImageLevel : nn.Module<Tensor, Tensor>
{
    private readonly ModuleList<InternImageBlock> blocks = [];
    private readonly Sequential? norm;
    private readonly ModuleList<Sequential>? post_norms;
    private readonly InternImageDownsample? downsample;
    private readonly IReadOnlyList<int> postNormBlocks;

    /// <param name="config">The backbone.</param>
    /// <param name="level">0 to 3.</param>
    public InternImageLevel(InternImageConfig config, int level)
        : base(nameof(InternImageLevel))
    {
        var channels = config.LevelChannels(level);
        for (var i = 0; i < config.Depths[level]; i++)
        {
            blocks.Add(new InternImageBlock(config, channels, config.Groups[level]));
        }

        if (!config.PostNorm || config.CenterFeatureScale)
        {
            norm = ChannelNorm.Create(channels);
        }

        postNormBlocks = level == 2 ? config.PostNormBlocks : [];
        if (postNormBlocks.Count > 0)
        {
            post_norms = [.. postNormBlocks.Select(_ => ChannelNorm.Create(channels))];
        }

        if (level < (config.HasUnreadDownsample ? 3 : 2))
        {
            downsample = new InternImageDownsample(channels);
        }

        RegisterComponents();
    }

    /// <summary>[B, H, W, C] -> the same, before down-sampling.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        for (int i = 0, norms = 0; i < blocks.Count; i++)
        {
            using var block = NewDisposeScope();
            x = blocks[i].call(x);
            if (norms < postNormBlocks.Count && postNormBlocks[norms] == i)
            {
                x = post_norms![norms++].call(x);
            }

            x.MoveToOuterDisposeScope();
        }

        return (norm is null ? x.alias() : norm.call(x)).MoveToOuterDisposeScope();
    }

    /// <summary>[B, H, W, C] -> [B, H/2, W/2, 2C].</summary>
    public Tensor Downsample(Tensor x) => downsample!.call(x);
}

/// <summary>Strided convolution and layer norm between levels; keys conv, norm.1.</summary>
internal sealed class InternImageDownsample : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv;
    private readonly Sequential norm;

    public InternImageDownsample(long channels)
        : base(nameof(InternImageDownsample))
    {
        conv = nn.Conv2d(channels, 2 * channels, 3, stride: 2, padding: 1, bias: false);
        norm = ChannelNorm.Create(2 * channels, "1");
        RegisterComponents();
    }

    /// <summary>[B, H, W, C] -> [B, H/2, W/2, 2C].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return norm.call(conv.call(input.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)).MoveToOuterDisposeScope();
    }
}
