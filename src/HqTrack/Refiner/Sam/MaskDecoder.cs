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

    private readonly PromptMixer? prompt_mixer;
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
        prompt_mixer = config.MixerDepth > 0 ? new PromptMixer(channels, 2 * channels, config.MixerDepth) : null;
        transformer = new TwoWayTransformer(config.DecoderDepth, channels, config.DecoderHeads, config.DecoderMlpDim);
        iou_token = nn.Embedding(1, channels);
        mask_tokens = nn.Embedding(MaskTokens, channels);
        output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(channels, channels / 4, 2, stride: 2),
            new LayerNorm2d(channels / 4),
            nn.GELU(),
            nn.ConvTranspose2d(channels / 4, channels / 8, 2, stride: 2),
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
        var (tokens, source) = Attend(image, prompts, extraToken: null, observe);
        return InParts(tokens, (first, count) =>
        {
            var (masks, iou, _) = Masks(tokens.narrow(0, first, count), source.narrow(0, first, count), image.Grid, observe);
            return new TokenMasks(masks, iou, HighQuality: null);
        }).MoveToOuter();
    }

    /// <summary>
    /// Runs the part of the decoder that works on pixels. On the CPU prompt by prompt: maps of 64 channels at four times the grid stay within reach of the cache, and the memory
    /// does not grow with the batch. On other devices all at once, where each operation costs the more the smaller it is.
    /// </summary>
    /// <param name="tokens">[B, n, C], for the number of prompts and the device.</param>
    /// <param name="decode">Decodes a number of prompts from the first one on.</param>
    public static TokenMasks InParts(Tensor tokens, Func<long, long, TokenMasks> decode)
    {
        if (tokens.device_type != DeviceType.CPU)
        {
            return decode(0, tokens.size(0));
        }

        using var scope = NewDisposeScope();
        var parts = new TokenMasks[tokens.size(0)];
        for (var i = 0; i < parts.Length; i++)
        {
            using var inner = NewDisposeScope();
            parts[i] = decode(i, 1).MoveToOuter();
        }

        return new TokenMasks(
            cat([.. parts.Select(part => part.Masks)], 0), cat([.. parts.Select(part => part.Iou)], 0),
            parts[0].HighQuality is null ? null : cat([.. parts.Select(part => part.HighQuality!)], 0)).MoveToOuter();
    }

    /// <summary>Runs the transformer.</summary>
    /// <param name="image">The image.</param>
    /// <param name="prompts">Prompts of batch B.</param>
    /// <param name="extraToken">[1, C], put behind the mask tokens; null for none.</param>
    /// <param name="observe">Sees hs and src.</param>
    /// <returns>Tokens [B, n, C]: IoU, masks, extra, prompts; and the image [B, L, C].</returns>
    public (Tensor Tokens, Tensor Source) Attend(DecoderImage image, PromptEmbedding prompts, Tensor? extraToken, Action<string, Tensor>? observe)
    {
        using var scope = NewDisposeScope();
        Tensor[] output = extraToken is null ? [iou_token.weight!, mask_tokens.weight!] : [iou_token.weight!, mask_tokens.weight!, extraToken];
        var own = cat(output, 0).unsqueeze(0).expand(prompts.Sparse.size(0), -1, -1);
        var keys = image.Keys + ChannelsLast.ToSequence(prompts.Dense); // [1 or B, L, C]
        keys = prompt_mixer?.Mix(keys, image.Grid) ?? keys;
        var (tokens, source) = transformer.Forward(keys, image.Positions, cat([own, prompts.Sparse], 1));
        observe?.Invoke("hs", tokens);
        observe?.Invoke("src", source);
        return (tokens.MoveToOuterDisposeScope(), source.MoveToOuterDisposeScope());
    }

    /// <summary>Upscales the image and weighs it with every mask token.</summary>
    /// <param name="tokens">[B, n, C]</param>
    /// <param name="source">[B, L, C]</param>
    /// <param name="grid">Height and width of the embedding.</param>
    /// <param name="observe">Sees output_upscaling.</param>
    /// <returns>Logits [B, 4, 4 grid, 4 grid], predicted IoU [B, 4], and the upscaled image [B, C / 8, 4 grid, 4 grid].</returns>
    public (Tensor Masks, Tensor Iou, Tensor Upscaled) Masks(Tensor tokens, Tensor source, (long Height, long Width) grid, Action<string, Tensor>? observe)
    {
        using var scope = NewDisposeScope();
        var upscaled = output_upscaling.call(ChannelsLast.ToMap(source, grid.Height, grid.Width));
        observe?.Invoke("output_upscaling", upscaled);
        var weights = stack([.. output_hypernetworks_mlps.Select((mlp, i) => mlp.call(tokens.select(1, 1 + i)))], 1); // [B, 4, C / 8]
        var iou = iou_prediction_head.call(tokens.select(1, 0));
        return (Weigh(weights, upscaled).MoveToOuterDisposeScope(), iou.MoveToOuterDisposeScope(), upscaled.MoveToOuterDisposeScope());
    }

    /// <summary>Sum of a map's channels by weights: [B, m, C], [B or 1, C, H, W] -> [B, m, H, W].</summary>
    public static Tensor Weigh(Tensor weights, Tensor map)
    {
        using var scope = NewDisposeScope();
        return weights.matmul(ChannelsLast.ToSequence(map).transpose(1, 2)).view(weights.size(0), weights.size(1), map.size(2), map.size(3)).MoveToOuterDisposeScope();
    }
}
