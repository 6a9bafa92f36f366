using System.Globalization;

namespace HqTrack.Refiner;

/// <summary>Which frames and objects are refined.</summary>
public sealed record RefinementSchedule
{
    private const double DefaultConfidence = 0.9;

    private RefinementSchedule(int interval, double? confidence) => (Interval, Confidence) = (interval, confidence);

    /// <summary>Every object in every frame.</summary>
    public static RefinementSchedule Every { get; } = new(1, null);

    /// <summary>Frames from one refined frame to the next; the first tracked frame is refined.</summary>
    public int Interval { get; }

    /// <summary>Objects with a confidence below this are refined; null refines all.</summary>
    public double? Confidence { get; }

    /// <summary>Every object in every K-th tracked frame, starting with the first.</summary>
    public static RefinementSchedule EveryNth(int interval) => interval >= 1
        ? new(interval, null)
        : throw new ArgumentOutOfRangeException(nameof(interval), $"interval {interval} is below 1.");

    /// <summary>In every frame the objects that the segmenter is not sure of: mean probability inside the mask below the limit.</summary>
    /// <param name="confidence">0..1, 0.9 by default.</param>
    public static RefinementSchedule Uncertain(double confidence = DefaultConfidence) => confidence is >= 0 and <= 1
        ? new(1, confidence)
        : throw new ArgumentOutOfRangeException(nameof(confidence), $"confidence {confidence.ToString(CultureInfo.InvariantCulture)} is outside 0..1.");

    /// <summary>Parses "every", "every:5", "uncertain" or "uncertain:0.8".</summary>
    /// <exception cref="ArgumentException">Something else.</exception>
    public static RefinementSchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (name, value) = text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? (text[..colon], text[(colon + 1)..]) : (text, null);
        return (name, value) switch
        {
            ("every", null) => Every,
            ("every", _) when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var interval) && interval >= 1 => EveryNth(interval),
            ("uncertain", null) => Uncertain(),
            ("uncertain", _) when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var limit) && limit is >= 0 and <= 1 => Uncertain(limit),
            _ => throw new ArgumentException($"refinement '{text}' is not known; expected every, every:K with K from 1, uncertain, or uncertain:P with P in 0..1.", nameof(text)),
        };
    }

    /// <summary>Whether any object can be due in a tracked frame, numbered from 0.</summary>
    internal bool IsFrameDue(int frame) => frame % Interval == 0;

    /// <summary>Whether an object of a due frame is refined.</summary>
    internal bool IsObjectDue(double confidence) => Confidence is not { } limit || confidence < limit;

    /// <inheritdoc/>
    public override string ToString() => this switch
    {
        { Confidence: { } limit } => string.Create(CultureInfo.InvariantCulture, $"uncertain:{limit}"),
        { Interval: 1 } => "every",
        _ => string.Create(CultureInfo.InvariantCulture, $"every:{Interval}"),
    };
}
