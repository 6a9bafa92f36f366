using HqTrack.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>
/// HQ-SAM's decoder: SAM's, and one more token whose mask reads early and late image features (Ke et al. 2023, section 3.2;
/// sam-hq segment_anything/modeling/mask_decoder_hq.py). The plain decoder's parts keep their keys beside the new ones.
/// </summary>
internal sealed class MaskDecoderHq : nn.Module, IMaskDecoder
{
    private readonly Unregistered plain; // its parts are registered here, not below a key of its own
    private readonly Embedding hf_token;
    private readonly Mlp hf_mlp;
    private readonly Sequential compress_vit_feat;
    private readonly Sequential embedding_encoder;
    private readonly Sequential embedding_maskfeature;

    public MaskDecoderHq(SamConfig config)
        : base(nameof(MaskDecoderHq))
    {
        var channels = config.PromptDim;
        plain = new Unregistered(new MaskDecoder(config));
        foreach (var (name, child) in plain.Decoder.named_children())
        {
            register_module(name, child);
        }

        hf_token = nn.Embedding(1, channels);
        hf_mlp = new Mlp(channels, channels, channels / 8, depth: 3);
        compress_vit_feat = nn.Sequential(
            nn.ConvTranspose2d(config.EarlyDim, channels, 2, stride: 2), new LayerNorm2d(channels), nn.GELU(), nn.ConvTranspose2d(channels, channels / 8, 2, stride: 2));
        embedding_encoder = nn.Sequential(
            nn.ConvTranspose2d(channels, channels / 4, 2, stride: 2), new LayerNorm2d(channels / 4), nn.GELU(), nn.ConvTranspose2d(channels / 4, channels / 8, 2, stride: 2));
        embedding_maskfeature = nn.Sequential(
            nn.Conv2d(channels / 8, channels / 4, 3, padding: 1), new LayerNorm2d(channels / 4), nn.GELU(), nn.Conv2d(channels / 4, channels / 8, 3, padding: 1));
        RegisterComponents();
    }

    public DecoderImage Prepare(ImageEmbedding image, Tensor positions, Action<string, Tensor>? observe = null)
    {
        using var scope = NewDisposeScope();
        var late = embedding_encoder.call(image.Embedding);
        observe?.Invoke("embedding_encoder", late);
        var early = compress_vit_feat.call(image.Early);
        observe?.Invoke("compress_vit_feat", early);
        var prepared = plain.Decoder.Prepare(image, positions);
        return (prepared with { HighQuality = late + early }).MoveToOuter();
    }

    public TokenMasks Decode(DecoderImage image, PromptEmbedding prompts, Action<string, Tensor>? observe = null)
    {
        using var scope = NewDisposeScope();
        var (tokens, source) = plain.Decoder.Attend(image, prompts, hf_token.weight!, observe);
        return MaskDecoder.InParts(tokens, (first, count) =>
        {
            Tensor Own(Tensor x) => x.size(0) == 1 ? x.alias() : x.narrow(0, first, count);
            var (masks, iou, upscaled) = plain.Decoder.Masks(Own(tokens), Own(source), image.Grid, observe);
            return new TokenMasks(masks, iou, HighQuality(Own(tokens), upscaled, Own(image.HighQuality!), prompts.Detail is null ? null : Own(prompts.Detail), observe));
        }).MoveToOuter();
    }

    /// <summary>
    /// The high-quality token's logits, [B, 1, 4 grid, 4 grid]. Its weights go through the last convolution instead of the convolution's 32 channels being computed to be
    /// summed up, but not in training: with one thread, on some processors, oneDNN pads the gradient's one channel to eight with what lies in memory (libtorch 2.10).
    /// Whoever observes the map gets it computed. Drawn prompts and the image's detail meet in these convolutions.
    /// </summary>
    private Tensor HighQuality(Tensor tokens, Tensor upscaled, Tensor image, Tensor? drawn, Action<string, Tensor>? observe)
    {
        using var scope = NewDisposeScope();
        observe?.Invoke("embedding_maskfeature", embedding_maskfeature.call(upscaled));
        var weights = hf_mlp.call(tokens.select(1, 1 + MaskDecoder.MaskTokens)); // [B, C / 8]
        var features = drawn is null ? upscaled : upscaled + image + drawn;
        if (is_grad_enabled())
        {
            return MaskDecoder.Weigh(weights.unsqueeze(1), embedding_maskfeature.call(features) + image).MoveToOuterDisposeScope();
        }

        for (var i = 0; i < embedding_maskfeature.Count - 1; i++)
        {
            features = ((nn.Module<Tensor, Tensor>)embedding_maskfeature[i]).call(features);
        }

        var last = (Conv2d)embedding_maskfeature[embedding_maskfeature.Count - 1];
        long batch = weights.size(0), channels = last.weight!.size(1), height = features.size(2), width = features.size(3);
        var kernel = weights.matmul(last.weight.view(last.weight.size(0), -1)).view(batch, channels, last.weight.size(2), last.weight.size(3)); // one of each prompt's own
        var maps = features.reshape(1, batch * channels, height, width);
        var detail = nn.functional.conv2d(maps, kernel, weights.matmul(last.bias!), strides: [1, 1], padding: [1, 1], groups: batch).view(batch, 1, height, width);
        return (detail + MaskDecoder.Weigh(weights.unsqueeze(1), image)).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            plain.Decoder.Dispose();
        }
    }

    private sealed record Unregistered(MaskDecoder Decoder);
}
