using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>Image encoder, prompt encoder and mask decoder of one network of the SAM family; fields are the published checkpoint keys.</summary>
internal sealed class SamNetwork : nn.Module
{
    private readonly SamImageEncoder image_encoder;
    private readonly PromptEncoder prompt_encoder;
    private readonly nn.Module mask_decoder;

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
        return Decoder.Prepare(embedding, prompt_encoder.DensePositions()).MoveToOuter();
    }

    /// <summary>Mask logits of every token for a batch of prompts.</summary>
    public TokenMasks Decode(DecoderImage image, SamPrompts prompts)
    {
        using var scope = NewDisposeScope();
        return Decoder.Decode(image, prompt_encoder.Encode(prompts)).MoveToOuter();
    }

    /// <summary>Evaluation mode, batch norms folded; for inference only.</summary>
    public void PrepareForInference()
    {
        eval();
        image_encoder.Fold();
    }
}
