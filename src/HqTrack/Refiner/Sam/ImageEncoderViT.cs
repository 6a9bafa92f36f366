using HqTrack.Layers;
using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>
/// SAM's vision transformer: patches, blocks of windowed and global attention, a convolutional neck
/// (segment_anything/modeling/image_encoder.py). Early features are the first global block's output.
/// </summary>
internal sealed class ImageEncoderViT : SamImageEncoder
{
    private readonly PatchEmbed patch_embed;
    private readonly Parameter? pos_embed; // [1, grid, grid, C]
    private readonly ModuleList<ViTBlock> blocks = [];
    private readonly Sequential neck;

    public ImageEncoderViT(SamConfig config)
        : base(nameof(ImageEncoderViT))
    {
        patch_embed = new PatchEmbed(config.EmbedDim, config.PatchSize);
        if (config.HasAbsolutePosition)
        {
            pos_embed = nn.Parameter(zeros(1, config.Grid, config.Grid, config.EmbedDim));
        }

        for (var i = 0; i < config.Depth; i++)
        {
            blocks.Add(new ViTBlock(config, config.GlobalBlocks.Contains(i) ? 0 : config.WindowSize));
        }

        neck = Neck(config.EmbedDim, config.PromptDim);
        RegisterComponents();
    }

    /// <summary>1x1 and 3x3 convolution, each followed by a layer norm: [B, C, H, W] -> [B, C', H, W].</summary>
    public static Sequential Neck(long inChannels, long outChannels) => nn.Sequential(
        nn.Conv2d(inChannels, outChannels, 1, bias: false),
        new LayerNorm2d(outChannels),
        nn.Conv2d(outChannels, outChannels, 3, padding: 1, bias: false),
        new LayerNorm2d(outChannels));

    /// <summary>[B, 3, S, S] (any S, also not square) -> embedding and early features at 1/16.</summary>
    public override ImageEmbedding Encode(Tensor image, Action<string, Tensor>? observe = null)
    {
        using var scope = NewDisposeScope();
        var x = patch_embed.call(image); // [B, H, W, C]
        observe?.Invoke("patch_embed", x);
        if (pos_embed is not null)
        {
            x = x.add_(Position(x.size(1), x.size(2)));
        }

        Tensor? early = null;
        for (var i = 0; i < blocks.Count; i++)
        {
            x = blocks[i].call(x);
            observe?.Invoke($"block{i}", x);
            early ??= blocks[i].IsGlobal ? x.permute(0, 3, 1, 2) : null;
        }

        x = x.permute(0, 3, 1, 2); // channels_last
        for (var i = 0; i < neck.Count; i++)
        {
            x = ((nn.Module<Tensor, Tensor>)neck[i]).call(x);
            observe?.Invoke($"neck{i}", x);
        }

        return new(x.MoveToOuterDisposeScope(), early!.MoveToOuterDisposeScope());
    }

    // Differs from the release, which takes one image size only: position embeddings are resized to the grid at hand.
    private Tensor Position(long height, long width)
    {
        if (pos_embed!.size(1) == height && pos_embed.size(2) == width)
        {
            return pos_embed.alias();
        }

        using var scope = NewDisposeScope();
        return nn.functional.interpolate(pos_embed.permute(0, 3, 1, 2), size: [height, width], mode: InterpolationMode.Bicubic, align_corners: false)
            .permute(0, 2, 3, 1).MoveToOuterDisposeScope();
    }
}

/// <summary>Image to patches: one convolution without overlap, keys proj.weight and proj.bias.</summary>
internal sealed class PatchEmbed : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d proj;

    public PatchEmbed(long channels, long patchSize)
        : base(nameof(PatchEmbed))
    {
        proj = nn.Conv2d(3, channels, patchSize, stride: patchSize);
        RegisterComponents();
    }

    /// <summary>[B, 3, S, S] -> [B, S/16, S/16, C], packed.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return proj.call(input).permute(0, 2, 3, 1).contiguous().MoveToOuterDisposeScope();
    }
}
