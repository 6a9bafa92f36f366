namespace HqTrack.Weights;

/// <summary>
/// What the catalogue says of each model. Sources and terms are those of the publishers' own pages; no hash of theirs was computed, so none is
/// given: importing a file records its hash.
/// </summary>
internal sealed record ModelDescription(string Name, string Kind, string Network, string Source, string Licence)
{
    private const string Segmenter = "segmenter";
    private const string Refiner = "refiner";
    private const string OwnLicence = "models/LICENSE (research data, non-commercial parts)";
    private const string Aot = "github.com/yoxu515/aot-benchmark, MODEL_ZOO.md";
    private const string InternImage = "none published for VMOS; encoder: github.com/OpenGVLab/InternImage (MIT)";
    private const string Ablation = "trained by this project (models/ablation in its repository)";
    private const string Sam = "https://dl.fbaipublicfiles.com/segment_anything/";
    private const string SamHq = "https://huggingface.co/lkeab/hq-sam, ";

    /// <summary>Every model, segmenters first.</summary>
    public static IReadOnlyList<ModelDescription> All { get; } =
    [
        new("lite", Segmenter, "MobileNetV2, one gated propagation module, mask path", "trained by this project (models/lite.md)", OwnLicence),
        new("hqtrack", Segmenter, "HQTrack's VMOS: InternImage-T, 3 modules at 1/16, one at 1/8", "github.com/jiawen-zhu/HQTrack, README (InternT_MSDeAOTL_V2)", "MIT"),
        new("vmos-r50", Segmenter, "VMOS on ResNet-50, where the paper's ablation starts", "none published", "of whoever trains them"),
        new("vmos-internimage-b", Segmenter, "VMOS on InternImage-B", InternImage, "of whoever trains them"),
        new("vmos-internimage-l", Segmenter, "VMOS on InternImage-L", InternImage, "of whoever trains them"),
        new("vmos-internimage-xl", Segmenter, "VMOS on InternImage-XL", InternImage, "of whoever trains them"),
        new("vmos-internimage-h", Segmenter, "VMOS on InternImage-H", InternImage, "of whoever trains them"),
        new("deaot-t", Segmenter, "DeAOT-T: MobileNetV2, 1 module", $"{Aot} (DeAOTT, PRE_YTB_DAV)", "BSD-3-Clause"),
        new("deaot-s", Segmenter, "DeAOT-S: MobileNetV2, 2 modules", $"{Aot} (DeAOTS, PRE_YTB_DAV)", "BSD-3-Clause"),
        new("deaot-b", Segmenter, "DeAOT-B: MobileNetV2, 3 modules", $"{Aot} (DeAOTB, PRE_YTB_DAV)", "BSD-3-Clause"),
        new("deaot-l", Segmenter, "DeAOT-L: MobileNetV2, 3 modules, memory every 5 frames", $"{Aot} (DeAOTL, PRE_YTB_DAV)", "BSD-3-Clause"),
        new("r50-deaot-l", Segmenter, "R50-DeAOT-L: ResNet-50, 3 modules, memory every 5 frames", $"{Aot} (R50-DeAOTL, PRE_YTB_DAV)", "BSD-3-Clause"),
        new("ablation-residual", Segmenter, "component study: small residual encoder, one scale", Ablation, OwnLicence),
        new("ablation-residual-ms", Segmenter, "component study: small residual encoder, several scales", Ablation, OwnLicence),
        new("ablation-internimage", Segmenter, "component study: small InternImage, one scale", Ablation, OwnLicence),
        new("ablation-internimage-ms", Segmenter, "component study: small InternImage, several scales", Ablation, OwnLicence),
        new("sam-lite", Refiner, "MobileNetV2 with the HQ decoder", "trained by this project (models/sam-lite.md)", OwnLicence),
        new("sam-vit-b", Refiner, "SAM, ViT-B", $"{Sam}sam_vit_b_01ec64.pth", "Apache-2.0"),
        new("sam-vit-l", Refiner, "SAM, ViT-L", $"{Sam}sam_vit_l_0b3195.pth", "Apache-2.0"),
        new("sam-vit-h", Refiner, "SAM, ViT-H", $"{Sam}sam_vit_h_4b8939.pth", "Apache-2.0"),
        new("sam-hq-vit-b", Refiner, "HQ-SAM, ViT-B", $"{SamHq}sam_hq_vit_b.pth", "Apache-2.0"),
        new("sam-hq-vit-l", Refiner, "HQ-SAM, ViT-L", $"{SamHq}sam_hq_vit_l.pth", "Apache-2.0"),
        new("sam-hq-vit-h", Refiner, "HQ-SAM, ViT-H: the published HQTrack's refiner", $"{SamHq}sam_hq_vit_h.pth", "Apache-2.0"),
        new("sam-hq-vit-tiny", Refiner, "Light HQ-SAM, TinyViT", $"{SamHq}sam_hq_vit_tiny.pth", "Apache-2.0"),
    ];

    /// <summary>The model of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ModelDescription Of(string name) => All.FirstOrDefault(model => model.Name == name)
        ?? throw new ArgumentException($"model '{name}' is not known; expected one of {string.Join(", ", All.Select(model => model.Name))}.", nameof(name));
}
