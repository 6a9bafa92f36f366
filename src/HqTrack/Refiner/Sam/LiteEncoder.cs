using HqTrack.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HqTrack.Refiner.Sam;

/// <summary>
/// The image encoder of sam-lite: MobileNetV2 at stride 16 and SAM's neck. Early features are its maps at 1/4 and 1/8, rearranged
/// without loss to 1/16, so that the high-quality token reads true 1/4 detail through the published decoder.
/// </summary>
internal sealed class LiteEncoder : SamImageEncoder
{
    private const int S4 = 24;
    private const int S8 = 32;
    private const int Last = 320;

    /// <summary>Channels of the early features.</summary>
    public const int EarlyDim = (S4 * 16) + (S8 * 4);

    private readonly MobileNetV2 trunk;
    private readonly Sequential neck;

    public LiteEncoder(SamConfig config)
        : base(nameof(LiteEncoder))
    {
        trunk = new MobileNetV2(hasLastConv: false);
        neck = ImageEncoderViT.Neck(Last, config.PromptDim);
        RegisterComponents();
    }

    /// <summary>The MobileNetV2, for initialising it from weights of its own.</summary>
    public ImageEncoder Trunk => trunk;

    public override ImageEmbedding Encode(Tensor image, Action<string, Tensor>? observe = null) => Encode(image, frozenStages: 0);

    /// <summary>Encodes [B, 3, S, S]; the first stages of the MobileNetV2 keep no gradient.</summary>
    public ImageEmbedding Encode(Tensor image, int frozenStages)
    {
        using var scope = NewDisposeScope();
        var maps = trunk.Encode(image, frozenStages);
        var early = cat([nn.functional.pixel_unshuffle(maps.S4, 4), nn.functional.pixel_unshuffle(maps.S8, 2)], 1); // [B, 384 + 128, S/16, S/16]
        return new(neck.call(maps.Last).MoveToOuterDisposeScope(), early.MoveToOuterDisposeScope());
    }

    public override void Fold() => trunk.Fold();
}
