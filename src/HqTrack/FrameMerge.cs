using HqTrack.Media;

namespace HqTrack;

/// <summary>Results of one frame with different objects, put together.</summary>
internal static class FrameMerge
{
    /// <summary>New objects over tracked ones.</summary>
    public static TrackedFrame Join(TrackedFrame tracked, TrackedFrame added) =>
        tracked.Objects.Count == 0 ? added : Describe(tracked, LabelMerge.Over(tracked.Labels, added.Labels), [.. tracked.Objects, .. added.Objects]) with
        {
            Alternatives = [.. tracked.Alternatives.Select(other => Join(other, added))],
        };

    /// <summary>
    /// Objects of two passes; what is in both counts in the first. A pixel that two objects claim goes to the one with the higher confidence
    /// in this frame, on a tie to the first pass's.
    /// </summary>
    public static TrackedFrame Passes(TrackedFrame first, TrackedFrame second)
    {
        second = Without(second, [.. first.Objects.Select(entry => entry.Id)]);
        if (first.Objects.Count == 0 || second.Objects.Count == 0)
        {
            return first.Objects.Count == 0 ? second with { Timestamp = first.Timestamp } : first;
        }

        var confidence = new double[LabelMap.MaxId + 1];
        foreach (var entry in first.Objects.Concat(second.Objects))
        {
            confidence[entry.Id] = entry.Confidence;
        }

        var labels = (byte[])first.Labels.Ids.Clone();
        for (var i = 0; i < labels.Length; i++)
        {
            var other = second.Labels.Ids[i];
            labels[i] = other != 0 && (labels[i] == 0 || confidence[other] > confidence[labels[i]]) ? other : labels[i];
        }

        return Describe(first, new(labels, first.Labels.Width, first.Labels.Height), [.. first.Objects, .. second.Objects]) with
        {
            Refinements = [.. first.Refinements.Concat(second.Refinements).OrderBy(entry => entry.Id)],
        };
    }

    private static TrackedFrame Without(TrackedFrame frame, IReadOnlyCollection<int> ids) => !frame.Objects.Any(entry => ids.Contains(entry.Id)) ? frame : frame with
    {
        Labels = LabelMerge.Replace(frame.Labels, new(frame.Labels.Width, frame.Labels.Height), ids),
        Objects = [.. frame.Objects.Where(entry => !ids.Contains(entry.Id))],
        Refinements = [.. frame.Refinements.Where(entry => !ids.Contains(entry.Id))],
    };

    private static TrackedFrame Describe(TrackedFrame like, LabelMap labels, IEnumerable<TrackedObject> objects)
    {
        var boxes = Box.Of(labels);
        var areas = new int[LabelMap.MaxId + 1];
        foreach (var id in labels.Ids)
        {
            areas[id]++;
        }

        return like with
        {
            Labels = labels,
            Objects = [.. objects.OrderBy(entry => entry.Id).Select(entry => entry with
            {
                Area = areas[entry.Id],
                Box = boxes.TryGetValue(entry.Id, out var box) ? box : null,
                Confidence = areas[entry.Id] > 0 ? entry.Confidence : 0,
            })],
        };
    }
}
