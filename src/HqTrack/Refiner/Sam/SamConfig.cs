namespace HqTrack.Refiner.Sam;

/// <summary>A look at an object through a window around it.</summary>
/// <param name="Margin">Length of the window over the object's.</param>
/// <param name="IsMirrored">Whether left and right are exchanged.</param>
/// <param name="IsAroundAnswer">Whether the window lies around what the looks before it found, not around the prompt's box.</param>
internal sealed record SamLook(double Margin, bool IsMirrored = false, bool IsAroundAnswer = false);

/// <summary>Which image encoder a network of the SAM family has.</summary>
internal enum SamEncoder
{
    /// <summary>Plain vision transformer with windowed and global attention.</summary>
    ViT,

    /// <summary>TinyViT, the encoder of light HQ-SAM.</summary>
    TinyViT,

    /// <summary>MobileNetV2 with a neck of its own, the encoder of this project's sam-lite.</summary>
    MobileNetV2,
}

/// <summary>Every number of a network of the SAM family (Kirillov et al. 2023; HQ-SAM, Ke et al. 2023).</summary>
internal sealed record SamConfig
{
    /// <summary>Name on the command line and in the catalogue.</summary>
    public required string Name { get; init; }

    /// <summary>Image encoder.</summary>
    public required SamEncoder Encoder { get; init; }

    /// <summary>Channels of the early features that the HQ decoder reads: the first global block's, or the light encoders' own.</summary>
    public required int EarlyDim { get; init; }

    /// <summary>Whether the decoder has the high-quality token.</summary>
    public bool IsHighQuality { get; init; } = true;

    /// <summary>Long side of the image as the network sees it; the rest of the square is padding.</summary>
    public int ImageSize { get; init; } = 1024;

    /// <summary>Pixels per position of the image embedding.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>Channels of image embedding and prompts.</summary>
    public int PromptDim { get; init; } = 256;

    /// <summary>ViT: channels.</summary>
    public int EmbedDim { get; init; }

    /// <summary>ViT: number of blocks.</summary>
    public int Depth { get; init; }

    /// <summary>ViT: heads of every block.</summary>
    public int Heads { get; init; }

    /// <summary>ViT: blocks that attend to the whole image; the others attend within windows.</summary>
    public IReadOnlyList<int> GlobalBlocks { get; init; } = [];

    /// <summary>ViT: side of a window in positions; 0 makes every block global.</summary>
    public int WindowSize { get; init; } = 14;

    /// <summary>ViT: width of the MLP over <see cref="EmbedDim"/>.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>ViT: eps of the blocks' layer norms.</summary>
    public double BlockEpsilon { get; init; } = 1e-6;

    /// <summary>ViT: whether queries, keys and values have a bias.</summary>
    public bool HasQkvBias { get; init; } = true;

    /// <summary>ViT: whether positions have an embedding.</summary>
    public bool HasAbsolutePosition { get; init; } = true;

    /// <summary>ViT: whether attention has a bias by relative position.</summary>
    public bool HasRelativePosition { get; init; } = true;

    /// <summary>Whether prompts are also drawn as maps (<see cref="PromptMaps"/>), which the mask branch and the high-quality token then read.</summary>
    public bool DrawsPrompts { get; init; }

    /// <summary>Blocks of the <see cref="PromptMixer"/>; 0 leaves it out.</summary>
    public int MixerDepth { get; init; }

    /// <summary>Looks at an object through windows around it, whose masks are averaged (<see cref="CloseLook"/>); none for one look at the whole.</summary>
    public IReadOnlyList<SamLook> Looks { get; init; } = [];

    /// <summary>Channels inside the <see cref="MaskSharpener"/>; 0 leaves it out.</summary>
    public int SharpenerDim { get; init; }

    /// <summary>Channels inside the prompt encoder's mask branch.</summary>
    public int MaskChannels { get; init; } = 16;

    /// <summary>Blocks of the two-way transformer.</summary>
    public int DecoderDepth { get; init; } = 2;

    /// <summary>Heads of the two-way transformer.</summary>
    public int DecoderHeads { get; init; } = 8;

    /// <summary>Width of the two-way transformer's MLP.</summary>
    public int DecoderMlpDim { get; init; } = 2048;

    /// <summary>Hidden channels of the head that predicts a mask's IoU.</summary>
    public int IouHiddenDim { get; init; } = 256;

    /// <summary>Side of the image embedding.</summary>
    public int Grid => ImageSize / PatchSize;

    /// <summary>Side of the masks that the decoder gives and the prompt encoder takes.</summary>
    public int MaskGrid => 4 * Grid;

    /// <summary>SAM with ViT-B (segment_anything/build_sam.py).</summary>
    public static SamConfig VitB { get; } = new()
    {
        Name = "sam-vit-b", Encoder = SamEncoder.ViT, IsHighQuality = false,
        EmbedDim = 768, EarlyDim = 768, Depth = 12, Heads = 12, GlobalBlocks = [2, 5, 8, 11],
    };

    /// <summary>SAM with ViT-L.</summary>
    public static SamConfig VitL { get; } = VitB with { Name = "sam-vit-l", EmbedDim = 1024, EarlyDim = 1024, Depth = 24, Heads = 16, GlobalBlocks = [5, 11, 17, 23] };

    /// <summary>SAM with ViT-H.</summary>
    public static SamConfig VitH { get; } = VitB with { Name = "sam-vit-h", EmbedDim = 1280, EarlyDim = 1280, Depth = 32, Heads = 16, GlobalBlocks = [7, 15, 23, 31] };

    /// <summary>HQ-SAM with ViT-B (sam-hq segment_anything/build_sam.py).</summary>
    public static SamConfig HqVitB { get; } = VitB with { Name = "sam-hq-vit-b", IsHighQuality = true };

    /// <summary>HQ-SAM with ViT-L.</summary>
    public static SamConfig HqVitL { get; } = VitL with { Name = "sam-hq-vit-l", IsHighQuality = true };

    /// <summary>HQ-SAM with ViT-H, the refiner of the published HQTrack.</summary>
    public static SamConfig HqVitH { get; } = VitH with { Name = "sam-hq-vit-h", IsHighQuality = true };

    /// <summary>Light HQ-SAM.</summary>
    public static SamConfig HqVitTiny { get; } = new() { Name = "sam-hq-vit-tiny", Encoder = SamEncoder.TinyViT, EarlyDim = 160 };

    /// <summary>This project's own light network: MobileNetV2 at 640, the published prompt encoder and high-quality decoder with half the MLP, and prompts that are also drawn.</summary>
    public static SamConfig Lite { get; } = new()
    {
        Name = "sam-lite", Encoder = SamEncoder.MobileNetV2, EarlyDim = LiteEncoder.EarlyDim, ImageSize = 640, DecoderMlpDim = 1024,
        DrawsPrompts = true, MixerDepth = 3, MaskChannels = 32, Looks = [new(2), new(1.5, IsMirrored: true), new(1.6, IsAroundAnswer: true)], SharpenerDim = 16,
    };

    /// <summary>Every config by name.</summary>
    public static IReadOnlyList<SamConfig> All { get; } = [Lite, VitB, VitL, VitH, HqVitB, HqVitL, HqVitH, HqVitTiny];
}
