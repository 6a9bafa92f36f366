namespace HqTrack.Evaluation.Reports;

/// <summary>Colours of lines and bars that can be told apart.</summary>
internal static class ChartColors
{
    /// <summary>Red, green and blue, 0..255.</summary>
    public static IReadOnlyList<(int R, int G, int B)> All { get; } =
        [(31, 119, 180), (255, 127, 14), (44, 160, 44), (214, 39, 40), (148, 103, 189), (140, 86, 75), (227, 119, 194), (90, 90, 90), (23, 190, 207), (188, 189, 34)];
}
