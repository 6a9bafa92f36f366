using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>Image encoder, prompt encoder and mask decoder of one network of the SAM family; fields are the published checkpoint keys.</summary>
internal sealed class SamNetwork : nn.Module
{
    private readonly SamImageEncoder image_encoder;
    private readonly PromptEncoder prompt_encoder;
    private readonly nn.Module mask_decoder;
    private readonly MaskSharpener? mask_sharpener;

    /// <summary>Builds the network with untrained weights.</summary>
    public SamNetwork(SamConfig config)
        : base(config.Name)
    {
        Config = config;
        image_encoder = config.Encoder switch
        {
            SamEncoder.ViT => new ImageEncoderViT(config),
            SamEncoder.TinyViT => new TinyViT(config),
            SamEncoder.MobileNetV2 => new LiteEncoder(config),
            _ => throw new ArgumentOutOfRangeException(nameof(config)),
        };
        prompt_encoder = new PromptEncoder(config.PromptDim, config.MaskChannels, (config.Grid, config.Grid), (config.ImageSize, config.ImageSize), config.DrawsPrompts);
        mask_decoder = config.IsHighQuality ? new MaskDecoderHq(config) : new MaskDecoder(config);
        mask_sharpener = config.SharpenerDim > 0 ? new MaskSharpener(config.SharpenerDim) : null;
        RegisterComponents();
    }

    /// <summary>The numbers this network was built from.</summary>
    public SamConfig Config { get; }

    /// <summary>The image encoder.</summary>
    public SamImageEncoder ImageEncoder => image_encoder;

    /// <summary>The prompt encoder.</summary>
    public PromptEncoder PromptEncoder => prompt_encoder;

    /// <summary>The mask decoder.</summary>
    public IMaskDecoder Decoder => (IMaskDecoder)mask_decoder;

    /// <summary>Encodes an image for any number of prompts.</summary>
    /// <param name="image">[1, 3, S, S], normalised and padded.</param>
    public DecoderImage Encode(Tensor image)
    {
        using var scope = NewDisposeScope();
        using var embedding = image_encoder.Encode(image);
        return Prepare(image, embedding, prompt_encoder.DensePositions()).MoveToOuter();
    }

    /// <summary>What the prompts need of images that are encoded.</summary>
    /// <param name="images">[B, 3, S, S]</param>
    /// <param name="embedding">Theirs.</param>
    /// <param name="positions">Positional code of the embedding.</param>
    public DecoderImage Prepare(Tensor images, ImageEmbedding embedding, Tensor positions) =>
        Decoder.Prepare(embedding, positions) with { Colours = mask_sharpener?.Prepare(images) };

    /// <summary>Mask logits of every token for a batch of prompts.</summary>
    public TokenMasks Decode(DecoderImage image, SamPrompts prompts)
    {
        using var scope = NewDisposeScope();
        return Decoder.Decode(image, prompt_encoder.Encode(prompts)).MoveToOuter();
    }

    /// <summary>Masks as they are shown: sharpened where the network does so, else as they are.</summary>
    /// <param name="image">Of one image, or one per mask.</param>
    /// <param name="logits">[N, m, 4 grid, 4 grid]</param>
    /// <returns>[N, m, 8 grid, 8 grid] sharpened, else the same.</returns>
    public Tensor Sharpen(DecoderImage image, Tensor logits)
    {
        if (mask_sharpener is null)
        {
            return logits.alias();
        }

        using var scope = NewDisposeScope();
        var colours = image.Colours ?? throw new InvalidOperationException("the image was not prepared for sharpening; use SamNetwork.Prepare.");
        long masks = logits.size(1), side = colours.size(2);
        colours = colours.size(0) == 1 ? colours : colours.repeat_interleave(masks, 0);
        return mask_sharpener.Forward(logits.reshape(-1, 1, logits.size(2), logits.size(3)), colours).reshape(-1, masks, side, side).MoveToOuterDisposeScope();
    }

    /// <summary>Evaluation mode, batch norms folded; for inference only.</summary>
    public void PrepareForInference()
    {
        eval();
        image_encoder.Fold();
    }
}
