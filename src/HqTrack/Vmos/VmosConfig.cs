using HqTrack.Vmos.Encoders;

namespace HqTrack.Vmos;

/// <summary>Which image encoder a network has.</summary>
internal enum EncoderKind
{
    /// <summary>MobileNetV2 with stride 16 and the published last 1280-channel convolution.</summary>
    MobileNetV2,

    /// <summary>MobileNetV2 with stride 16, ending at the 320-channel block.</summary>
    MobileNetV2Compact,

    /// <summary>ResNet-50 without its last stage.</summary>
    ResNet50,

    /// <summary>InternImage-T, its fourth level at stride 16.</summary>
    InternImageT,

    /// <summary>InternImage-B, likewise.</summary>
    InternImageB,

    /// <summary>InternImage-L, likewise.</summary>
    InternImageL,

    /// <summary>InternImage-XL, likewise.</summary>
    InternImageXL,

    /// <summary>InternImage-H, likewise.</summary>
    InternImageH,

    /// <summary>This project's small InternImage.</summary>
    InternImageSmall,

    /// <summary>The same with ordinary convolutions.</summary>
    SmallResidual,
}

/// <summary>How the propagated maps become logits.</summary>
internal enum DecoderHead
{
    /// <summary>The feature pyramid of the papers.</summary>
    Fpn,

    /// <summary>A convolution and a projection of the map at 1/4, as the published VMOS weights were trained; multi-scale only.</summary>
    Convolution,
}

/// <summary>Every number of a network of the DeAOT family and of the engine around it.</summary>
internal sealed record VmosConfig
{
    /// <summary>Name on the command line and in checkpoints.</summary>
    public required string Name { get; init; }

    /// <summary>Image encoder.</summary>
    public required EncoderKind Encoder { get; init; }

    /// <summary>Gated propagation modules at 1/16.</summary>
    public required int Modules { get; init; }

    /// <summary>Channels of the visual branch and of the identity branch at 1/16; keys have half as many.</summary>
    public int EmbeddingDim { get; init; } = 256;

    /// <summary>Channels of each branch at 1/8 and 1/4 in a multi-scale network; null propagates at 1/16 only.</summary>
    public (int S8, int S4)? FineDims { get; init; }

    /// <summary>What turns the propagated maps into logits.</summary>
    public DecoderHead Head { get; init; } = DecoderHead.Fpn;

    /// <summary>Whether parts are there that the release's checkpoint holds and that no computation reads: the other head, a norm. Multi-scale only.</summary>
    public bool HasUnreadParts { get; init; }

    /// <summary>Channels of the FPN decoder at 1/16, 1/8 and 1/4.</summary>
    public (int S16, int S8, int S4) DecoderDims { get; init; } = (256, 128, 128);

    /// <summary>Objects per engine; the identity bank has one more channel, for the background.</summary>
    public int MaxObjects { get; init; } = 10;

    /// <summary>Short-term attention sees (2 * radius + 1)^2 positions.</summary>
    public int LocalRadius { get; init; } = 7;

    /// <summary>Frames between two entries of the long-term memory.</summary>
    public int LongTermGap { get; init; } = 9999;

    /// <summary>Most frames in the long-term memory, the reference frame among them; null keeps every entry, as published.</summary>
    public int? LongTermBound { get; init; }

    /// <summary>How many frames back the short-term memory looks.</summary>
    public int ShortTermSkip { get; init; } = 1;

    /// <summary>Whether parts of a mask away from where the object was are dropped (<see cref="StrayParts"/>).</summary>
    public bool DropsStrayParts { get; init; }

    /// <summary>How a frame's size becomes the network's.</summary>
    public ResizeRule Resize { get; init; }

    /// <summary>Whether attention also carries masks (<see cref="Decoders.MaskPath"/>).</summary>
    public bool HasMaskPath { get; init; }

    /// <summary>Propagation modules: those at 1/16 and, with several scales, the one at 1/8.</summary>
    public int Propagations => FineDims is null ? Modules : Modules + 1;

    /// <summary>What has a memory of its own: the propagation modules and, with a mask path, the target model.</summary>
    public int Memories => HasMaskPath ? Propagations + 1 : Propagations;

    /// <summary>Channels of the encoder's maps at 1/4, 1/8, 1/16 and of its last one (also 1/16).</summary>
    public (int S4, int S8, int S16, int Last) EncoderDims => Encoder switch
    {
        EncoderKind.MobileNetV2 => (24, 32, 96, 1280),
        EncoderKind.MobileNetV2Compact => (24, 32, 96, 320),
        EncoderKind.ResNet50 => (256, 512, 1024, 1024),
        EncoderKind.InternImageT => Doubling(InternImageConfig.T),
        EncoderKind.InternImageB => Doubling(InternImageConfig.B),
        EncoderKind.InternImageL => Doubling(InternImageConfig.L),
        EncoderKind.InternImageXL => Doubling(InternImageConfig.XL),
        EncoderKind.InternImageH => Doubling(InternImageConfig.H),
        EncoderKind.InternImageSmall => Doubling(InternImageConfig.Small),
        EncoderKind.SmallResidual => Doubling(InternImageConfig.SmallResidual),
        _ => throw new InvalidOperationException($"no encoder {Encoder}"),
    };

    /// <summary>DeAOT-T: one module, memory of the reference frame only (aot-benchmark configs/models/deaott.py).</summary>
    public static VmosConfig DeaotT { get; } = new() { Name = "deaot-t", Encoder = EncoderKind.MobileNetV2, Modules = 1 };

    /// <summary>DeAOT-S: two modules.</summary>
    public static VmosConfig DeaotS { get; } = DeaotT with { Name = "deaot-s", Modules = 2 };

    /// <summary>DeAOT-B: three modules.</summary>
    public static VmosConfig DeaotB { get; } = DeaotT with { Name = "deaot-b", Modules = 3 };

    /// <summary>DeAOT-L: three modules, memory every fifth frame.</summary>
    public static VmosConfig DeaotL { get; } = DeaotB with { Name = "deaot-l", LongTermGap = 5 };

    /// <summary>R50-DeAOT-L: DeAOT-L on ResNet-50.</summary>
    public static VmosConfig R50DeaotL { get; } = DeaotL with { Name = "r50-deaot-l", Encoder = EncoderKind.ResNet50 };

    /// <summary>The published VMOS: InternImage-T, three modules at 1/16, one at 1/8 (HQTrack configs/models/internT_msdeaotl_v2.py).</summary>
    public static VmosConfig HqTrack { get; } = new()
    {
        Name = "hqtrack",
        Encoder = EncoderKind.InternImageT,
        Modules = 3,
        FineDims = (128, 64),
        Head = DecoderHead.Convolution,
        HasUnreadParts = true,
        LongTermGap = 50,
        LongTermBound = 6,
        ShortTermSkip = 4,
        Resize = ResizeRule.Published,
    };

    /// <summary>VMOS on ResNet-50, where the paper's ablation starts.</summary>
    public static VmosConfig VmosR50 { get; } = HqTrack with { Name = "vmos-r50", Encoder = EncoderKind.ResNet50 };

    /// <summary>VMOS on InternImage-B.</summary>
    public static VmosConfig VmosInternImageB { get; } = HqTrack with { Name = "vmos-internimage-b", Encoder = EncoderKind.InternImageB };

    /// <summary>VMOS on InternImage-L.</summary>
    public static VmosConfig VmosInternImageL { get; } = HqTrack with { Name = "vmos-internimage-l", Encoder = EncoderKind.InternImageL };

    /// <summary>VMOS on InternImage-XL.</summary>
    public static VmosConfig VmosInternImageXL { get; } = HqTrack with { Name = "vmos-internimage-xl", Encoder = EncoderKind.InternImageXL };

    /// <summary>VMOS on InternImage-H.</summary>
    public static VmosConfig VmosInternImageH { get; } = HqTrack with { Name = "vmos-internimage-h", Encoder = EncoderKind.InternImageH };

    /// <summary>The project's own light model: one narrow module, masks carried by the attention, memory bounded to three frames.</summary>
    public static VmosConfig Lite { get; } = new()
    {
        Name = "lite",
        Encoder = EncoderKind.MobileNetV2Compact,
        Modules = 1,
        EmbeddingDim = 128,
        DecoderDims = (128, 96, 64),
        LongTermGap = 10,
        LongTermBound = 3,
        HasMaskPath = true,
        DropsStrayParts = true,
        Resize = ResizeRule.Enlarge,
    };

    /// <summary>
    /// The component study's first: an ordinary residual encoder, one scale. Its four networks differ in the encoder's operator and in the scales
    /// alone; none has pretrained weights or a mask path, all have the FPN head.
    /// </summary>
    public static VmosConfig AblationResidual { get; } = Lite with
    {
        Name = "ablation-residual", Encoder = EncoderKind.SmallResidual, DecoderDims = (128, 64, 64), HasMaskPath = false,
        DropsStrayParts = false, Resize = ResizeRule.Shrink,
    };

    /// <summary>An ordinary residual encoder, several scales. The finest propagated map, twice 32 channels, is added where the decoder has 64.</summary>
    public static VmosConfig AblationResidualMs { get; } = AblationResidual with { Name = "ablation-residual-ms", FineDims = (64, 32) };

    /// <summary>Deformable convolutions, one scale.</summary>
    public static VmosConfig AblationInternImage { get; } = AblationResidual with { Name = "ablation-internimage", Encoder = EncoderKind.InternImageSmall };

    /// <summary>Deformable convolutions, several scales.</summary>
    public static VmosConfig AblationInternImageMs { get; } = AblationResidualMs with { Name = "ablation-internimage-ms", Encoder = EncoderKind.InternImageSmall };

    /// <summary>Every config by name.</summary>
    public static IReadOnlyList<VmosConfig> All { get; } =
    [
        Lite, HqTrack, VmosR50, VmosInternImageB, VmosInternImageL, VmosInternImageXL, VmosInternImageH, DeaotT, DeaotS, DeaotB, DeaotL, R50DeaotL,
        AblationResidual, AblationResidualMs, AblationInternImage, AblationInternImageMs,
    ];

    private static (int S4, int S8, int S16, int Last) Doubling(InternImageConfig config) =>
        (config.LevelChannels(0), config.LevelChannels(1), config.LevelChannels(2), config.LevelChannels(3));
}
