using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>
/// TinyViT-5M as light HQ-SAM uses it (Wu et al. 2022; sam-hq segment_anything/modeling/tiny_vit_sam.py): a convolutional stage, then
/// three stages of windowed attention. The last stage keeps the third one's size. Early features are what the second stage hands on.
/// </summary>
internal sealed class TinyViT : SamImageEncoder
{
    private static readonly (int Channels, int Depth, int Heads, int Window)[] Stages = [(64, 2, 2, 7), (128, 2, 4, 7), (160, 6, 5, 14), (320, 2, 10, 7)];

    private readonly TinyPatchEmbed patch_embed = new(3, Stages[0].Channels);
    private readonly ModuleList<TinyViTStage> layers = [];
    private readonly LayerNorm norm_head; // with head: saved in the checkpoint, never called
    private readonly Linear head;
    private readonly Sequential neck;

    public TinyViT(SamConfig config)
        : base(nameof(TinyViT))
    {
        for (var i = 0; i < Stages.Length; i++)
        {
            int? next = i + 1 < Stages.Length ? Stages[i + 1].Channels : null;
            layers.Add(new TinyViTStage(Stages[i].Channels, Stages[i].Depth, i == 0 ? null : (Stages[i].Heads, Stages[i].Window), next));
        }

        norm_head = nn.LayerNorm(Stages[^1].Channels);
        head = nn.Linear(Stages[^1].Channels, 1000);
        neck = ImageEncoderViT.Neck(Stages[^1].Channels, config.PromptDim);
        RegisterComponents();
    }

    public override ImageEmbedding Encode(Tensor image, Action<string, Tensor>? observe = null)
    {
        using var scope = NewDisposeScope();
        var x = patch_embed.call(image); // [B, 64, S/4, S/4]
        observe?.Invoke("patch_embed", x);
        Tensor? early = null;
        for (var i = 0; i < layers.Count; i++)
        {
            var stage = i;
            x = layers[i].Forward(x, (block, map) => observe?.Invoke($"layer{stage}.blocks{block}", map));
            observe?.Invoke($"layer{i}", x);
            early = i == 1 ? x : early; // [B, 160, S/16, S/16]
        }

        return new(neck.call(x).MoveToOuterDisposeScope(), early!.MoveToOuterDisposeScope());
    }

    public override void Fold()
    {
        foreach (var part in modules().OfType<ConvBn>())
        {
            part.Fold();
        }
    }
}

/// <summary>Two convolutions of stride 2: [B, 3, H, W] -> [B, C, H/4, W/4].</summary>
internal sealed class TinyPatchEmbed : nn.Module<Tensor, Tensor>
{
    private readonly Sequential seq;

    public TinyPatchEmbed(int inChannels, int channels)
        : base(nameof(TinyPatchEmbed))
    {
        seq = nn.Sequential(
            new ConvBn(inChannels, channels / 2, 3, stride: 2, padding: 1), nn.GELU(), new ConvBn(channels / 2, channels, 3, stride: 2, padding: 1));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => seq.call(input);
}

/// <summary>A stage: convolutional or attention blocks, then a merging of patches except after the last.</summary>
internal sealed class TinyViTStage : nn.Module
{
    private readonly ModuleList<nn.Module<Tensor, Tensor>> blocks = [];
    private readonly PatchMerging? downsample;

    /// <param name="channels">C</param>
    /// <param name="depth">Blocks.</param>
    /// <param name="attention">Heads and window; null for convolutional blocks.</param>
    /// <param name="nextChannels">Channels of the next stage; null for none.</param>
    public TinyViTStage(int channels, int depth, (int Heads, int Window)? attention, int? nextChannels)
        : base(nameof(TinyViTStage))
    {
        for (var i = 0; i < depth; i++)
        {
            blocks.Add(attention is { } a ? new TinyViTBlock(channels, a.Heads, a.Window) : new MBConv(channels, channels, expansion: 4));
        }

        if (nextChannels is { } next)
        {
            downsample = new PatchMerging(channels, next);
        }

        RegisterComponents();
    }

    /// <summary>[B, C, H, W] -> [B, C', H', W'].</summary>
    public Tensor Forward(Tensor x, Action<int, Tensor>? observe)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < blocks.Count; i++)
        {
            x = blocks[i].call(x);
            observe?.Invoke(i, x);
        }

        return (downsample is null ? x.alias() : downsample.call(x)).MoveToOuterDisposeScope();
    }
}
