using HqTrack.Layers;

namespace HqTrack.Vmos.Encoders;

/// <summary>The image encoders of the VMOS family.</summary>
internal static class ImageEncoders
{
    /// <summary>The encoder that a config names, with untrained weights.</summary>
    public static ImageEncoder Create(EncoderKind kind) => kind switch
    {
        EncoderKind.MobileNetV2 => new MobileNetV2(hasLastConv: true),
        EncoderKind.MobileNetV2Compact => new MobileNetV2(hasLastConv: false),
        EncoderKind.ResNet50 => new ResNet50(),
        EncoderKind.InternImageT => new InternImage(InternImageConfig.T),
        EncoderKind.InternImageB => new InternImage(InternImageConfig.B),
        EncoderKind.InternImageL => new InternImage(InternImageConfig.L),
        EncoderKind.InternImageXL => new InternImage(InternImageConfig.XL),
        EncoderKind.InternImageH => new InternImage(InternImageConfig.H),
        EncoderKind.InternImageSmall => new InternImage(InternImageConfig.Small),
        EncoderKind.SmallResidual => new InternImage(InternImageConfig.SmallResidual),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
