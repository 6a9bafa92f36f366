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

    /// <summary>Channels of the decoder at 1/16, 1/8 and 1/4.</summary>
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

    /// <summary>Whether attention also carries masks (<see cref="Decoders.MaskPath"/>).</summary>
    public bool HasMaskPath { get; init; }

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

    /// <summary>The project's own light model: one narrow module, masks carried by the attention, memory bounded to six frames.</summary>
    public static VmosConfig Lite { get; } = new()
    {
        Name = "lite",
        Encoder = EncoderKind.MobileNetV2Compact,
        Modules = 1,
        EmbeddingDim = 128,
        DecoderDims = (128, 96, 64),
        LongTermGap = 10,
        LongTermBound = 6,
        HasMaskPath = true,
    };

    /// <summary>Every config by name.</summary>
    public static IReadOnlyList<VmosConfig> All { get; } = [Lite, DeaotT, DeaotS, DeaotB, DeaotL, R50DeaotL];

    private static (int S4, int S8, int S16, int Last) Doubling(InternImageConfig config) =>
        (config.LevelChannels(0), config.LevelChannels(1), config.LevelChannels(2), config.LevelChannels(3));
}
