using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace HqTrack.Runtime;

/// <summary>
/// What the library tells of its work: instruments of the meter "HqTrack" and activities of the source "HqTrack". docs/embedding.md lists them.
/// </summary>
internal static class Telemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "HqTrack";

    private static readonly Meter Meter = new(Name);

    /// <summary>Activities: hqtrack.load, hqtrack.prompt, hqtrack.track.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>hqtrack.frames: frames tracked.</summary>
    public static Counter<long> Frames { get; } = Meter.CreateCounter<long>("hqtrack.frames", "{frame}", "Frames tracked.");

    /// <summary>hqtrack.frame.duration: time a frame takes on the inference thread.</summary>
    public static Histogram<double> FrameDuration { get; } = Meter.CreateHistogram<double>("hqtrack.frame.duration", "s", "Time a frame takes on the inference thread.");

    /// <summary>hqtrack.prompts: objects added and corrected.</summary>
    public static Counter<long> Prompts { get; } = Meter.CreateCounter<long>("hqtrack.prompts", "{prompt}", "Objects added, corrected or removed by a person.");

    /// <summary>hqtrack.refiner.images: runs of the refiner's image encoder.</summary>
    public static Counter<long> RefinerImages { get; } = Meter.CreateCounter<long>("hqtrack.refiner.images", "{image}", "Runs of the refiner's image encoder.");
}
