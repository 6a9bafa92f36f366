using HqTrack.Media;

namespace HqTrack.Evaluation.Vot;

/// <summary>
/// A session behind regions: objects are pointed out by any kind of region and come back as masks. A tracker with a refiner takes rectangles and points as
/// prompts; without one a rectangle is a filled mask. An object of which no pixel lies in the image, or none that later ones left, stays lost.
/// </summary>
internal sealed class RegionTracker(Func<TrackingSession> startSession, bool hasRefiner) : IDisposable
{
    private TrackingSession session = startSession();
    private int objects;

    /// <summary>Forgets every object.</summary>
    public void Reset()
    {
        session.Dispose();
        session = startSession();
        objects = 0;
    }

    /// <summary>Follows all objects into the next frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="added">Objects that are pointed out in it; they join at the end. Read once, one at a time.</param>
    /// <returns>Each object's mask, <see cref="Region.Mask.None"/> where it is not seen, and confidence 0..1, in the order of arrival.</returns>
    /// <exception cref="EvaluationException">A region points out nothing, or there are more than 255 objects.</exception>
    /// <exception cref="MediaException">The frame's size differs from the first one's.</exception>
    /// <exception cref="PromptException">A point was given and there is no refiner, or the refiner finds nothing.</exception>
    public IReadOnlyList<RegionState> Track(Frame frame, IEnumerable<Region> added)
    {
        var prompt = Prompt(frame, added);
        var result = session.FollowOrPass(frame);
        result = prompt is null ? result : FrameMerge.Join(result, session.Add(frame, prompt));
        return [.. Enumerable.Range(1, objects).Select(id => result.Objects.FirstOrDefault(entry => entry.Id == id) is { } found
            ? new RegionState(LabelRegions.Of(result.Labels, found), found.Confidence)
            : new RegionState(Region.Mask.None, 0))];
    }

    public void Dispose() => session.Dispose();

    private Prompt? Prompt(Frame frame, IEnumerable<Region> added)
    {
        var labels = new LabelMap(frame.Width, frame.Height);
        var asked = new List<ObjectPrompt>();
        foreach (var region in added)
        {
            if (++objects > LabelMap.MaxId)
            {
                throw new EvaluationException($"object {objects} is one too many, expected at most {LabelMap.MaxId}.");
            }

            switch (region)
            {
                case Region.Special special:
                    throw new EvaluationException($"object {objects} is pointed out by the code {special.Code}, expected a mask, a rectangle or a polygon.");
                case Region.Point point:
                    asked.Add(new(objects, [], [new(point.X, point.Y, true)]));
                    break;
                case Region.Rectangle box when hasRefiner:
                    asked.AddRange(Inside(box, frame) is { } inside ? [new(objects, [inside], [])] : []);
                    break;
                case Region.Rectangle box:
                    LabelRegions.Draw(Trax.TraxRegion.Filled(box), labels, (byte)objects);
                    break;
                default:
                    LabelRegions.Draw(region, labels, (byte)objects);
                    break;
            }
        }

        List<Prompt> parts = [.. labels.ObjectIds().Count > 0 ? [HqTrack.Prompt.Mask(labels)] : Array.Empty<Prompt>(), .. asked.Count > 0 ? [HqTrack.Prompt.Objects(asked)] : Array.Empty<Prompt>()];
        return parts.Count == 0 ? null : HqTrack.Prompt.Combine(parts);
    }

    private static Box? Inside(Region.Rectangle box, Frame frame)
    {
        var common = Bounds.Of(box).Clip(Bounds.OfImage(frame.Width, frame.Height));
        return common.Left <= common.Right && common.Top <= common.Bottom
            ? new((int)common.Left, (int)common.Top, (int)(common.Right - common.Left + 1), (int)(common.Bottom - common.Top + 1))
            : null;
    }
}

/// <summary>An object in one frame.</summary>
/// <param name="Mask">Its pixels; <see cref="Region.Mask.None"/> where it is not seen.</param>
/// <param name="Confidence">0..1.</param>
internal readonly record struct RegionState(Region.Mask Mask, double Confidence);
