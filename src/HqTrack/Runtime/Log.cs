using Microsoft.Extensions.Logging;

namespace HqTrack.Runtime;

/// <summary>Messages of the library, category "HqTrack".</summary>
internal static partial class Log
{
    /// <summary>Category of every message.</summary>
    public const string Category = "HqTrack";

    [LoggerMessage(1, LogLevel.Information, "Loaded {Model}, refiner {Refiner}, on {Device} in {Milliseconds:0} ms")]
    public static partial void Loaded(this ILogger logger, string model, string refiner, string device, double milliseconds);

    [LoggerMessage(2, LogLevel.Debug, "Frame {Frame}: objects {Ids} {What}")]
    public static partial void Prompted(this ILogger logger, int frame, string ids, string what);

    [LoggerMessage(3, LogLevel.Trace, "Frame {Frame}: {Objects} objects in {Milliseconds:0.0} ms")]
    public static partial void Tracked(this ILogger logger, int frame, int objects, double milliseconds);
}
