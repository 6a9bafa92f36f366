using HqTrack.Media;

namespace HqTrack.Web.Runs;

/// <summary>A session that is told what is known of a frame.</summary>
internal static class RunFollower
{
    /// <summary>Follows the objects into a frame and tells the session what is known of it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="frame">The next frame of the pass.</param>
    /// <param name="known">What is known; null for nothing.</param>
    public static TrackedFrame Follow(TrackingSession session, Frame frame, KnownFrame? known)
    {
        var result = session.FollowOrPass(frame);
        if (known is null || known.IsEmpty)
        {
            return result;
        }

        var tracked = session.ObjectIds;
        var ids = known.Labels.ObjectIds();
        foreach (var id in known.Absent.Intersect(tracked))
        {
            result = session.Correct(id, new LabelMap(frame.Width, frame.Height));
        }

        if (ids.Intersect(tracked).ToList() is { Count: > 0 } corrected)
        {
            result = session.Correct(Prompt.Mask(LabelMerge.Only(known.Labels, corrected)));
        }

        return ids.Except(tracked).ToList() is { Count: > 0 } added
            ? FrameMerge.Join(result, session.Add(frame, Prompt.Mask(LabelMerge.Only(known.Labels, added))))
            : result;
    }
}
