using System.Globalization;
using HqTrack.Evaluation.Vot.Trax;

namespace HqTrack.Tests.Evaluation.Vot.Trax;

/// <summary>The tracker of the transcripts: answers every frame with the regions as they were given.</summary>
/// <param name="addsConfidence">Adds a confidence, and echoes the properties of the initialize line in the first answer.</param>
/// <param name="failsAt">The request at which it fails; null for never.</param>
internal sealed class StaticTracker(bool addsConfidence = false, int? failsAt = null) : ITraxTracker
{
    private readonly List<string> regions = [];
    private int requests;

    public void Reset() => regions.Clear();

    public IReadOnlyList<TraxState> Track(IReadOnlyList<TraxImage> images, IReadOnlyList<TraxObject> added)
    {
        if (requests++ == failsAt)
        {
            throw new HqTrack.Evaluation.EvaluationException($"tracker failed on frame {failsAt}");
        }

        var first = regions.Count;
        regions.AddRange(added.Select(entry => TraxRegion.Format(entry.Region)));
        return [.. regions.Select((region, i) => new TraxState(region, Properties(i, i >= first ? added[i - first].Properties : TraxProperties.None)))];
    }

    private TraxProperties Properties(int index, TraxProperties given) =>
        addsConfidence ? given.With("confidence", (1.0 / (index + 1)).ToString("F3", CultureInfo.InvariantCulture)) : TraxProperties.None;
}
