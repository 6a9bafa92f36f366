using System.Globalization;

namespace HqTrack.Refiner;

/// <summary>Which of a refiner's candidates is taken, and when it replaces the segmenter's mask.</summary>
public sealed record RefinementGate
{
    private const double ReleaseThreshold = 0.1;
    private const double DefaultThreshold = 0.59;

    private RefinementGate(string name, double threshold) => (Name, Threshold) = (name, threshold);

    /// <summary>
    /// As the release of HQTrack: the candidate with the highest predicted IoU, kept where its measured IoU with the segmenter's mask
    /// is at least 0.1; overlaps are merged with the release's quirks.
    /// </summary>
    public static RefinementGate HqTrack { get; } = new("hqtrack", ReleaseThreshold);

    /// <summary>The candidate with the highest predicted IoU, always kept. For the ablation: it lowers the scores.</summary>
    public static RefinementGate Always { get; } = new("always", 0);

    /// <summary>Name: hqtrack, iou-best or always.</summary>
    public string Name { get; }

    /// <summary>Lowest measured IoU at which a candidate is kept, 0..1.</summary>
    public double Threshold { get; }

    /// <summary>Whether candidates are compared by their measured IoU; else by the predicted one.</summary>
    internal bool IsByMeasuredIou => Name == "iou-best";

    /// <summary>Whether the release's box, size and overlap rules hold.</summary>
    internal bool IsRelease => Name == "hqtrack";

    /// <summary>The candidate with the highest measured IoU, kept where that is at least the threshold.</summary>
    /// <param name="threshold">0..1, 0.59 by default (published: with it the refiner helps, without a gate it hurts).</param>
    public static RefinementGate IouBest(double threshold = DefaultThreshold) => threshold is >= 0 and <= 1
        ? new("iou-best", threshold)
        : throw new ArgumentOutOfRangeException(nameof(threshold), $"gate threshold {threshold.ToString(CultureInfo.InvariantCulture)} is outside 0..1.");

    /// <summary>The release's rule at another threshold, for the ablation.</summary>
    internal static RefinementGate HqTrackAt(double threshold) => new("hqtrack", threshold);

    /// <summary>Parses "hqtrack", "iou-best", "iou-best:0.7" or "always".</summary>
    /// <exception cref="ArgumentException">Something else.</exception>
    public static RefinementGate Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (name, value) = text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? (text[..colon], text[(colon + 1)..]) : (text, null);
        return (name, value) switch
        {
            ("hqtrack", null) => HqTrack,
            ("always", null) => Always,
            ("iou-best", null) => IouBest(),
            ("iou-best", _) when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var threshold) && threshold is >= 0 and <= 1 => IouBest(threshold),
            _ => throw new ArgumentException($"gate '{text}' is not known; expected hqtrack, iou-best, iou-best:T with T in 0..1, or always.", nameof(text)),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => IsByMeasuredIou || (IsRelease && Threshold != ReleaseThreshold) ? string.Create(CultureInfo.InvariantCulture, $"{Name}:{Threshold}") : Name;
}
