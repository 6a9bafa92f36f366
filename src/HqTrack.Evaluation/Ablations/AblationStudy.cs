using System.Globalization;
using HqTrack.Refiner;

namespace HqTrack.Evaluation.Ablations;

/// <summary>One setting of a study.</summary>
/// <param name="Value">Its name in the table.</param>
/// <param name="Configure">Puts the setting into a tracker's options.</param>
/// <param name="Model">The model, where the study compares models; null takes the user's.</param>
/// <param name="Paper">The score of the setting that the paper has in this one's place, where it has one.</param>
internal sealed record AblationCase(string Value, Action<HqTrackerOptions> Configure, string? Model = null, double? Paper = null);

/// <summary>One of the paper's studies.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Title">What is compared.</param>
/// <param name="Cases">The settings in order.</param>
/// <param name="Published">What the paper found.</param>
/// <param name="Differs">What differs from the paper in every run of this program.</param>
internal sealed record AblationStudy(string Name, string Title, IReadOnlyList<AblationCase> Cases, string Published, string Differs)
{
    /// <summary>Configures one tracker whose frames have an alternative for each case, in order, so that one pass gives what a run of each would; null where every case is tracked anew.</summary>
    public Action<HqTrackerOptions>? OnePass { get; private init; }

    /// <summary>A gap that no video reaches: the first frame stays alone in the long-term memory.</summary>
    public const int ReferenceOnly = 1_000_000;

    /// <summary>The project's own models of the component study, trained alike: encoder with and without multi-scale propagation.</summary>
    public static IReadOnlyList<string> ComponentModels { get; } = ["ablation-residual", "ablation-residual-ms", "ablation-internimage", "ablation-internimage-ms"];

    /// <summary>Gaps of the long-term memory.</summary>
    /// <param name="gaps">Frames between two entries; null for the reference frame alone.</param>
    public static AblationStudy Gap(IReadOnlyList<int?> gaps) => new(
        "gap",
        "Frames between two entries of the long-term memory",
        [.. gaps.Select(gap => new AblationCase(gap?.ToString(CultureInfo.InvariantCulture) ?? "none", options => options.MemoryGap = gap ?? ReferenceOnly))],
        "The paper chose a gap of 50 frames for the long videos of VOTS2023, from a study over gaps; the release keeps at most 6 frames.",
        "The paper's model and its VOTS2023 validation videos, which are long; on a clip of 40 to 90 frames a gap of 50 adds one frame to the memory, one of 100 none.");

    /// <summary>All objects together, or an engine for each.</summary>
    public static AblationStudy Paradigm() => new(
        "paradigm",
        "Objects tracked jointly, or each by an engine of its own",
        [new("joint", options => options.Separate = false), new("separate", options => options.Separate = true)],
        "The paper found joint tracking better than separate tracking on the VOTS2023 validation videos.",
        "With one object both are the same computation. Here the engines of 'separate' share the image features, and their masks are merged by probability before they are remembered.");

    /// <summary>What is chosen when a trained model is used: short side, bound of the memory, the mean with the mirror image. Each alone; the gap is a study of its own.</summary>
    /// <param name="sides">Short sides in pixels.</param>
    /// <param name="bounds">Most frames in the long-term memory.</param>
    public static AblationStudy TestTime(IReadOnlyList<int> sides, IReadOnlyList<int> bounds) => new(
        "test-time",
        "Choices at test time",
        [
            new("default", _ => { }),
            .. sides.Select(side => new AblationCase(string.Create(CultureInfo.InvariantCulture, $"size:{side}"), options => options.MaxSize = side)),
            .. bounds.Select(bound => new AblationCase(string.Create(CultureInfo.InvariantCulture, $"bound:{bound}"), options => options.MemoryBound = bound)),
            new("flip", options => options.TestTimeFlip = true),
        ],
        "No study in the paper. The published evaluator of DeAOT can take the mean over scales and mirror images (TEST_MULTISCALE, TEST_FLIP) and does not by default.",
        "The paper's model, and its videos, which are long.");

    /// <summary>Without a refiner, always, and gated at every threshold by the measured IoU and by the release's rule.</summary>
    /// <param name="refiner">Name of the refiner.</param>
    /// <param name="weights">Its weights file, or null.</param>
    /// <param name="thresholds">Thresholds of the measured IoU, 0..1.</param>
    /// <param name="schedule">When is refined; null refines every frame.</param>
    public static AblationStudy Refiner(string refiner, string? weights, IReadOnlyList<double> thresholds, RefinementSchedule? schedule)
    {
        (string Value, RefinementGate? Gate)[] settings =
        [
            ("off", null),
            ("always", RefinementGate.Always),
            .. thresholds.Select(threshold => (string.Create(CultureInfo.InvariantCulture, $"iou-best:{threshold}"), RefinementGate.IouBest(threshold))),
            .. thresholds.Select(threshold => (string.Create(CultureInfo.InvariantCulture, $"hqtrack:{threshold}"), RefinementGate.HqTrackAt(threshold))),
        ];
        void Configure(HqTrackerOptions options, RefinementGate? gate)
        {
            (options.Refiner, options.RefinerWeightsPath) = gate is null ? (RefinerModel.Off, null) : (refiner, weights);
            (options.Gate, options.Refine) = (gate, schedule ?? RefinementSchedule.Every);
        }

        return new(
            "refiner",
            $"Mask refiner {refiner}: off, always, gated",
            [.. settings.Select(setting => new AblationCase(setting.Value, options => Configure(options, setting.Gate)))],
            "Published, VOTS2023 validation: 0.640 without the refiner, 0.619 with it always, 0.653 where it is kept at a measured IoU above about 0.59.",
            "The published refiner is HQ-SAM with ViT-H, a network of 640 million parameters; this project's sam-lite is a small one of its own.")
        {
            // The segmenter remembers its own masks whatever the gate shows, so every gate judges the same proposals and the same answers.
            OnePass = options =>
            {
                Configure(options, RefinementGate.Always);
                options.Compared = [.. settings.Select(setting => setting.Gate)];
            },
        };
    }

    /// <summary>Encoders and scales.</summary>
    /// <param name="models">Names of the models.</param>
    /// <param name="weightsFolder">Folder with each model's NAME.safetensors; null takes what was imported or embedded.</param>
    public static AblationStudy Components(IReadOnlyList<string> models, string? weightsFolder = null) => new(
        "components",
        "Encoder, and propagation at one scale or at several",
        [.. models.Select(model => new AblationCase(
            model,
            options => options.WeightsPath = weightsFolder is null ? options.WeightsPath : Path.Combine(weightsFolder, $"{model}.safetensors"),
            model,
            model switch { "ablation-residual" => 0.611, "ablation-internimage-ms" => 0.650, _ => null }))],
        "VOTS2023 validation, AUC: 0.611 with ResNet-50 at one scale, in whose place ablation-residual stands here, and 0.650 with InternImage-T and multi-scale propagation, in whose place ablation-internimage-ms stands.",
        "Networks of 2.8 to 3.7 million parameters on an encoder that starts at random, trained once each, with the same small budget and the same clips; multi-scale propagation adds 0.8 million parameters. "
        + "The numbers are of other videos than the paper's: only the order of rows can be compared, never a row with the paper's. A difference that another seed, or leaving out one sequence, could turn round shows nothing; "
        + "and that pretrained encoders, or long training, would show the same order cannot be concluded from it.");
}
