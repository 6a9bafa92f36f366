using HqTrack.Media;

namespace HqTrack.Vmos;

/// <summary>One way to show a frame to the network.</summary>
/// <param name="Scale">Factor of the network's input size.</param>
/// <param name="IsMirrored">Whether left and right are exchanged.</param>
internal readonly record struct TestTimeView(double Scale, bool IsMirrored)
{
    /// <summary>The frame as it is.</summary>
    public static TestTimeView Plain { get; } = new(1, false);

    /// <summary>Every scale, each as it is and, if wanted, mirrored.</summary>
    public static IReadOnlyList<TestTimeView> All(IEnumerable<double> scales, bool withMirrored) =>
        [.. scales.SelectMany(scale => withMirrored ? new TestTimeView[] { new(scale, false), new(scale, true) } : [new(scale, false)])];

    /// <summary>The network's input size for a frame.</summary>
    public (int Width, int Height) SizeOf(ResizeRule rule, Frame frame, int shortSide) => InputSize.For(rule, frame.Width, frame.Height, shortSide, Scale);

    /// <summary>Labels as this view shows them.</summary>
    public LabelMap Apply(LabelMap labels)
    {
        if (!IsMirrored)
        {
            return labels;
        }

        var ids = labels.Ids.ToArray();
        for (var y = 0; y < labels.Height; y++)
        {
            ids.AsSpan(y * labels.Width, labels.Width).Reverse();
        }

        return new(ids, labels.Width, labels.Height);
    }
}
