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
            new ConvTranspose2x2(config.EarlyDim, channels), new LayerNorm2d(channels), nn.GELU(), new ConvTranspose2x2(channels, channels / 8));
        embedding_encoder = nn.Sequential(
            new ConvTranspose2x2(channels, channels / 4), new LayerNorm2d(channels / 4), nn.GELU(), new ConvTranspose2x2(channels / 4, channels / 8));
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
        var (tokens, upscaled) = plain.Decoder.Attend(image, prompts, hf_token.weight!, observe);
        var (masks, iou) = plain.Decoder.Masks(tokens, upscaled);
        var features = embedding_maskfeature.call(upscaled);
        observe?.Invoke("embedding_maskfeature", features);
        var weights = hf_mlp.call(tokens.select(1, 1 + MaskDecoder.MaskTokens)).unsqueeze(1); // [B, 1, C / 8]
        var highQuality = MaskDecoder.Weigh(weights, features + image.HighQuality!);
        return new TokenMasks(masks, iou, highQuality).MoveToOuter();
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
