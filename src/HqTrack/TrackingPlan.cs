namespace HqTrack;

/// <summary>The passes over a video.</summary>
/// <param name="Forward">Frames upwards; null where none is wanted.</param>
/// <param name="Backward">Frames downwards; null where none is wanted. It runs first, so that results come out in order.</param>
internal sealed record TrackingPlan(TrackingPass? Forward, TrackingPass? Backward);

/// <summary>One way through a video.</summary>
/// <param name="Start">The frame where its first object is added.</param>
/// <param name="Actions">What a person said, by frame.</param>
internal sealed record TrackingPass(int Start, IReadOnlyDictionary<int, FrameActions> Actions)
{
    /// <summary>Takes a session into the next frame of the pass and does there what a person said.</summary>
    /// <exception cref="Media.MediaException">A mask or the frame's size is refused.</exception>
    /// <exception cref="PromptException">A prompt is refused.</exception>
    public TrackedFrame Follow(TrackingSession session, Media.Frame frame)
    {
        var actions = Actions.GetValueOrDefault(frame.Index);
        foreach (var id in actions?.Remove ?? [])
        {
            session.Remove(id);
        }

        var result = session.FollowOrPass(frame);
        if (actions?.Correct is { } correction)
        {
            result = session.Correct(correction) with { Refinements = result.Refinements };
        }

        return actions?.Add is { } added ? FrameMerge.Join(result, session.Add(frame, added)) : result;
    }
}

/// <summary>What a person said about one frame, in the order in which it is done.</summary>
/// <param name="Add">New objects, or null.</param>
/// <param name="Correct">Tracked objects as they should be, or null.</param>
/// <param name="Remove">Objects that are not tracked from this frame on.</param>
internal sealed record FrameActions(Prompt? Add, Prompt? Correct, IReadOnlyList<int> Remove);
