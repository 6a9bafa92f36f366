using System.Diagnostics.Metrics;

namespace HqTrack.Runtime;

/// <summary>The library's instruments, all of the meter "HqTrack".</summary>
internal static class Telemetry
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "HqTrack";

    private static readonly Meter Meter = new(Name);

    /// <summary>hqtrack.refiner.images: runs of the refiner's image encoder.</summary>
    public static Counter<long> RefinerImages { get; } = Meter.CreateCounter<long>("hqtrack.refiner.images", "{image}", "Runs of the refiner's image encoder.");
}
