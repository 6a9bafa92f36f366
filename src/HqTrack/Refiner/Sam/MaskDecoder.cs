using HqTrack.Layers;
using HqTrack.Ops;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>SAM's mask decoder: four mask tokens and one for their predicted IoU (segment_anything/modeling/mask_decoder.py).</summary>
internal sealed class MaskDecoder : nn.Module, IMaskDecoder
{
    /// <summary>One mask for prompts without doubt, three for ambiguous ones.</summary>
    public const int MaskTokens = 4;

    private readonly TwoWayTransformer transformer;
    private readonly Embedding iou_token;
    private readonly Embedding mask_tokens;
    private readonly Sequential output_upscaling;
    private readonly ModuleList<Mlp> output_hypernetworks_mlps;
    private readonly Mlp iou_prediction_head;

    public MaskDecoder(SamConfig config)
        : base(nameof(MaskDecoder))
    {
        var channels = config.PromptDim;
        transformer = new TwoWayTransformer(config.DecoderDepth, channels, config.DecoderHeads, config.DecoderMlpDim);
        iou_token = nn.Embedding(1, channels);
        mask_tokens = nn.Embedding(MaskTokens, channels);
        output_upscaling = nn.Sequential(
            new ConvTranspose2x2(channels, channels / 4),
            new LayerNorm2d(channels / 4),
            nn.GELU(),
            new ConvTranspose2x2(channels / 4, channels / 8),
            nn.GELU());
        output_hypernetworks_mlps = new([.. Enumerable.Range(0, MaskTokens).Select(_ => new Mlp(channels, channels, channels / 8, depth: 3))]);
        iou_prediction_head = new Mlp(channels, config.IouHiddenDim, MaskTokens, depth: 3);
        RegisterComponents();
    }

    public DecoderImage Prepare(ImageEmbedding image, Tensor positions, Action<string, Tensor>? observe = null)
    {
        using var scope = NewDisposeScope();
        return new DecoderImage(
            ChannelsLast.ToSequence(image.Embedding), ChannelsLast.ToSequence(positions), (image.Embedding.size(2), image.Embedding.size(3)), HighQuality: null).MoveToOuter();
    }

    public TokenMasks Decode(DecoderImage image, PromptEmbedding prompts, Action<string, Tensor>? observe = null)
    {
        using var scope = NewDisposeScope();
        var (tokens, upscaled) = Attend(image, prompts, extraToken: null, observe);
        var (masks, iou) = Masks(tokens, upscaled);
        return new TokenMasks(masks, iou, HighQuality: null).MoveToOuter();
    }

    /// <summary>Runs the transformer and upscales the image it leaves.</summary>
    /// <param name="image">The image.</param>
    /// <param name="prompts">Prompts of batch B.</param>
    /// <param name="extraToken">[1, C], put behind the mask tokens; null for none.</param>
    /// <param name="observe">Sees hs, src and output_upscaling.</param>
    /// <returns>Tokens [B, n, C]: IoU, masks, extra, prompts; and the image [B, C / 8, 4 grid, 4 grid].</returns>
    public (Tensor Tokens, Tensor Upscaled) Attend(DecoderImage image, PromptEmbedding prompts, Tensor? extraToken, Action<string, Tensor>? observe)
    {
        using var scope = NewDisposeScope();
        Tensor[] output = extraToken is null ? [iou_token.weight!, mask_tokens.weight!] : [iou_token.weight!, mask_tokens.weight!, extraToken];
        var own = cat(output, 0).unsqueeze(0).expand(prompts.Sparse.size(0), -1, -1);
        var keys = image.Keys + ChannelsLast.ToSequence(prompts.Dense); // [1 or B, L, C]
        var (tokens, source) = transformer.Forward(keys, image.Positions, cat([own, prompts.Sparse], 1));
        observe?.Invoke("hs", tokens);
        observe?.Invoke("src", source);
        var upscaled = output_upscaling.call(ChannelsLast.ToMap(source, image.Grid.Height, image.Grid.Width));
        observe?.Invoke("output_upscaling", upscaled);
        return (tokens.MoveToOuterDisposeScope(), upscaled.MoveToOuterDisposeScope());
    }

    /// <summary>Every mask token's logits [B, 4, 4 grid, 4 grid] and predicted IoU [B, 4].</summary>
    public (Tensor Masks, Tensor Iou) Masks(Tensor tokens, Tensor upscaled)
    {
        using var scope = NewDisposeScope();
        var weights = stack([.. output_hypernetworks_mlps.Select((mlp, i) => mlp.call(tokens.select(1, 1 + i)))], 1); // [B, 4, C / 8]
        return (Weigh(weights, upscaled).MoveToOuterDisposeScope(), iou_prediction_head.call(tokens.select(1, 0)).MoveToOuterDisposeScope());
    }

    /// <summary>Sum of a map's channels by weights: [B, m, C], [B or 1, C, H, W] -> [B, m, H, W].</summary>
    public static Tensor Weigh(Tensor weights, Tensor map)
    {
        using var scope = NewDisposeScope();
        return weights.matmul(ChannelsLast.ToSequence(map).transpose(1, 2)).view(weights.size(0), weights.size(1), map.size(2), map.size(3)).MoveToOuterDisposeScope();
    }
}
