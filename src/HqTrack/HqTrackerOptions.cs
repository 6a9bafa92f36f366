using System.Globalization;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Vmos;
using Microsoft.Extensions.Logging;

namespace HqTrack;

/// <summary>How a tracker is loaded.</summary>
public sealed class HqTrackerOptions
{
    /// <summary>File with the model's weights, .safetensors or .pth (told apart by content); null takes the embedded or imported ones.</summary>
    public string? WeightsPath { get; set; }

    /// <summary>"cpu" (default), "auto", "cuda" or "cuda:N".</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>Threads of the tensor library; null takes every core. Process-wide.</summary>
    public int? Threads { get; set; }

    /// <summary>Short side the network works at, in pixels, 32 or more (default 480). Smaller frames are enlarged by the published VMOS, to this side, and by lite, to as many pixels as 640x360 has and at most twofold. Masks come back at the frame's size.</summary>
    public int MaxSize { get; set; } = 480;

    /// <summary>Frames between two entries of the long-term memory, 1 or more; null takes the model's.</summary>
    public int? MemoryGap { get; set; }

    /// <summary>Most frames in the long-term memory, 2 or more; null takes the model's.</summary>
    public int? MemoryBound { get; set; }

    /// <summary>Factors of the network's input size, each 0.25 to 4 (default 1 alone). With several, every frame is seen at each and the probabilities are averaged.</summary>
    public IReadOnlyList<double> TestTimeScales { get; set; } = [1];

    /// <summary>Whether every frame is seen mirrored as well (default false). Doubles the time.</summary>
    public bool TestTimeFlip { get; set; }

    /// <summary>
    /// Mask refiner: "off", "sam-lite", "sam-vit-b|l|h", "sam-hq-vit-b|l|h" or "sam-hq-vit-tiny"; null takes what belongs to the model: "sam-hq-vit-h" for
    /// "hqtrack", else "off".
    /// </summary>
    public string? Refiner { get; set; }

    /// <summary>File with the refiner's weights, .safetensors or .pth; null takes the embedded or imported ones.</summary>
    public string? RefinerWeightsPath { get; set; }

    /// <summary>Which refined masks are kept; null takes what belongs to the model: the release's gate for "hqtrack", else <see cref="RefinementGate.IouBest"/>.</summary>
    public RefinementGate? Gate { get; set; }

    /// <summary>What is refined when; null takes what belongs to the model: every frame for "hqtrack", else <see cref="RefinementSchedule.Uncertain"/>.</summary>
    public RefinementSchedule? Refine { get; set; }

    /// <summary>Whether the segmenter remembers refined masks instead of its own (default false). For the ablation: it lowers the scores.</summary>
    public bool RememberRefined { get; set; }

    /// <summary>
    /// Whether every object is tracked by an engine of its own instead of all together (default false). Slower by nearly the number of
    /// objects and a little worse: objects that do not know each other compete only when their masks are merged.
    /// </summary>
    public bool Separate { get; set; }

    /// <summary>For the ablation: makes a frame's proposals worse before they are refined and shown; the memory keeps them as they are. Gets the frame's number.</summary>
    internal Func<int, Media.LabelMap, Media.LabelMap>? Degrade { get; set; }

    /// <summary>For the ablation: gates that are put to every frame besides <see cref="Gate"/>, from one answer of the refiner; null stands for no refiner.</summary>
    internal IReadOnlyList<RefinementGate?> Compared { get; set; } = [];

    /// <summary>Where the tracker and its sessions log, category "HqTrack"; null (default) logs nothing.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The refiner's name for a model: the one asked for, else what belongs to the model.</summary>
    internal string RefinerOf(string model) => Refiner ?? (IsRelease(model) ? SamConfig.HqVitH.Name : RefinerModel.Off);

    /// <summary>The gate, likewise.</summary>
    internal RefinementGate GateOf(string model) => Gate ?? (IsRelease(model) ? RefinementGate.HqTrack : RefinementGate.IouBest());

    /// <summary>The schedule, likewise.</summary>
    internal RefinementSchedule RefineOf(string model) => Refine ?? (IsRelease(model) ? RefinementSchedule.Every : RefinementSchedule.Uncertain());

    // Everything that decides about results; the weights themselves are the model's name.
    internal string Fingerprint(string model, string refiner, int memoryGap, int? memoryBound) => string.Create(
        CultureInfo.InvariantCulture,
        $"{model}, refiner {refiner} ({Gate}, {Refine}{(RememberRefined ? ", remembered" : string.Empty)}), size {MaxSize}, memory {memoryGap}/{memoryBound}, {(Separate ? "separate" : "joint")}, scales {string.Join('/', TestTimeScales)}{(TestTimeFlip ? " flipped" : string.Empty)}");

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSize, 32, nameof(MaxSize));
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads ?? 1, 1, nameof(Threads));
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryGap ?? 1, 1, nameof(MemoryGap));
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryBound ?? 2, 2, nameof(MemoryBound));
        ArgumentOutOfRangeException.ThrowIfZero(TestTimeScales.Count, nameof(TestTimeScales));
        foreach (var scale in TestTimeScales)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(scale, 0.25, nameof(TestTimeScales));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, 4, nameof(TestTimeScales));
        }
    }

    private static bool IsRelease(string model) => model == VmosConfig.HqTrack.Name;
}
