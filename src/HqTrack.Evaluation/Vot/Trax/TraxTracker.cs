using System.Globalization;
using HqTrack.Media;

namespace HqTrack.Evaluation.Vot.Trax;

/// <summary>The project's tracker behind a TraX server.</summary>
/// <param name="tracker">Follows the objects.</param>
/// <param name="answersBoxes">Answer tight boxes instead of masks.</param>
internal sealed class TraxTracker(RegionTracker tracker, bool answersBoxes) : ITraxTracker
{
    private int frames;

    public void Reset() => tracker.Reset();

    public IReadOnlyList<TraxState> Track(IReadOnlyList<TraxImage> images, IReadOnlyList<TraxObject> added)
    {
        var frame = images[0].Read(frames++);
        return [.. tracker.Track(frame, added.Select(entry => entry.Region)).Select(state => new TraxState(Text(state.Mask, frame), Confidence(state.Confidence)))];
    }

    private string Text(Region.Mask mask, Frame frame) => answersBoxes ? TraxRegion.AnswerBox(mask) : TraxRegion.Answer(mask, frame.Width, frame.Height);

    private static TraxProperties Confidence(double value) => new(new KeyValuePair<string, string>("confidence", value.ToString("F4", CultureInfo.InvariantCulture)));
}
