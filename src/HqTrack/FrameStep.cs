using System.Diagnostics;
using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Runtime;
using HqTrack.Vmos;
using Microsoft.Extensions.Logging;

namespace HqTrack;

/// <summary>What one step found.</summary>
/// <param name="Ids">The objects, ascending.</param>
/// <param name="Last">The frame as it is shown and remembered.</param>
/// <param name="Refined">What the refiner made of it; null without one.</param>
/// <param name="Compared">The same under each of <see cref="HqTrackerOptions.Compared"/>.</param>
internal sealed record FollowedFrame(IReadOnlyList<int> Ids, LastFrame Last, RefinedFrame? Refined, IReadOnlyList<RefinedFrame> Compared);

/// <summary>One frame through the paper's figure: the segmenter proposes, the refiner sharpens, the gate chooses, and what comes out is shown and remembered; locked frames have the last word.</summary>
internal sealed class FrameStep(VmosTracker vmos, MaskRefiner? refiner, SessionState state, StageTimes times, ILogger logger)
{
    /// <summary>Whether refined masks are remembered (<see cref="HqTrackerOptions.RememberRefined"/>).</summary>
    public bool RemembersRefined { get; init; }

    /// <summary>Makes proposals worse (<see cref="HqTrackerOptions.Degrade"/>).</summary>
    public Func<int, LabelMap, LabelMap>? Degrade { get; init; }

    /// <summary>Follows the objects into the next frame. On the inference thread, inside inference mode.</summary>
    /// <exception cref="MediaException">The frame's size differs from the first one's.</exception>
    /// <exception cref="InvalidOperationException">No object is tracked.</exception>
    public FollowedFrame Follow(Frame frame)
    {
        List<int> ids = [.. vmos.Ids.Order()];
        if (ids.Count == 0)
        {
            throw new InvalidOperationException("no object is tracked; call Add with a mask before Track.");
        }

        state.CheckSize(frame);
        var start = Stopwatch.GetTimestamp();
        using var activity = Telemetry.Activities.StartActivity("hqtrack.track")?.SetTag("hqtrack.frame", frame.Index).SetTag("hqtrack.objects", ids.Count);
        RefinedFrame? refined = null;
        IReadOnlyList<RefinedFrame> compared = [];
        LabelMap? remembered = null, proposed = null;
        var decoded = vmos.Track(frame, times, proposal =>
        {
            DropStrayParts(proposal);
            var own = state.WithLocks(frame.Index, proposal.Labels, ids);
            proposed = Degrade is null ? own : state.WithLocks(frame.Index, Degrade(frame.Index, own), ids);
            if (refiner is not null)
            {
                (refined, compared) = refiner.Refine(frame, proposed, ids, proposal.Confidence, proposal.ProbabilityAt.Invoke, times);
            }

            return remembered = RemembersRefined && refined is not null ? state.WithLocks(frame.Index, refined.Labels, ids) : own;
        });
        var shown = refined is null ? proposed! : state.WithLocks(frame.Index, refined.Labels, ids);
        state.Last = new(frame, shown, remembered!, ids.Where(id => !state.IsLocked(frame.Index, id)).ToDictionary(id => id, decoded.Confidence));
        var elapsed = Stopwatch.GetElapsedTime(start);
        Telemetry.Frames.Add(1);
        Telemetry.FrameDuration.Record(elapsed.TotalSeconds);
        logger.Tracked(frame.Index, ids.Count, elapsed.TotalMilliseconds);
        return new(ids, state.Last, refined, compared);
    }

    private void DropStrayParts(DecodedLabels found)
    {
        if (vmos.DropsStrayParts && state.Last is { } last)
        {
            times.Measure("merge", () =>
            {
                StrayParts.Drop(found, last.Remembered);
                return true;
            });
        }
    }
}
