using HqTrack.Media;
using HqTrack.Refiner;

namespace HqTrack;

/// <summary>The result for one frame.</summary>
/// <param name="Index">The frame's number in its source.</param>
/// <param name="Labels">Object id of every pixel, of the frame's size.</param>
/// <param name="Objects">Every tracked object, also those without a pixel in this frame, by ascending id.</param>
public sealed record TrackedFrame(int Index, LabelMap Labels, IReadOnlyList<TrackedObject> Objects)
{
    /// <summary>What the mask refiner did, object by object in the same order; empty without one and in frames whose masks were given.</summary>
    public IReadOnlyList<ObjectRefinement> Refinements { get; init; } = [];

    /// <summary>The frame's presentation time, where its source knows one.</summary>
    public TimeSpan? Timestamp { get; init; }

    /// <summary>The frame itself, in results of <see cref="TrackingSession.TrackAsync(FrameSource, CancellationToken)"/>; else null.</summary>
    public Frame? Image { get; init; }

    /// <summary>The frame under each of <see cref="HqTrackerOptions.Compared"/>; empty without them, and in frames whose masks were given.</summary>
    internal IReadOnlyList<TrackedFrame> Alternatives { get; init; } = [];

    /// <summary>A frame from its labels.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="labels">Its masks.</param>
    /// <param name="ids">The objects that are tracked, ascending.</param>
    /// <param name="confidence">Of an object that has pixels.</param>
    /// <param name="refinements">What the refiner did, by object.</param>
    internal static TrackedFrame Of(Frame frame, LabelMap labels, IReadOnlyList<int> ids, Func<int, double> confidence, IReadOnlyList<ObjectRefinement> refinements)
    {
        var boxes = Box.Of(labels);
        var areas = new int[LabelMap.MaxId + 1];
        foreach (var id in labels.Ids)
        {
            areas[id]++;
        }

        var kept = refinements.Where(entry => entry.IsKept).Select(entry => entry.Id).ToHashSet();
        return new(frame.Index, labels, [.. ids.Select(id => new TrackedObject(
            id, areas[id], boxes.TryGetValue(id, out var box) ? box : null, areas[id] == 0 ? 0 : confidence(id), kept.Contains(id)))])
        {
            Refinements = refinements,
            Timestamp = frame.Timestamp,
        };
    }
}

/// <summary>One object in one frame.</summary>
/// <param name="Id">The id it was added with.</param>
/// <param name="Area">Pixels of its mask.</param>
/// <param name="Box">Tight box around its mask; null when it has no pixel.</param>
/// <param name="Confidence">Mean probability of the network inside the mask, 0..1; 0 when it has no pixel, 1 for a mask that was given.</param>
/// <param name="RefinerKept">Whether the refiner's mask replaced the segmenter's.</param>
public sealed record TrackedObject(int Id, int Area, Box? Box, double Confidence, bool RefinerKept);

/// <summary>A box in pixels: left and top edge inclusive, width and height at least 1.</summary>
public readonly record struct Box(int X, int Y, int Width, int Height)
{
    /// <summary>Tight boxes of every id of a label map.</summary>
    internal static IReadOnlyDictionary<int, Box> Of(LabelMap labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var left = new int[LabelMap.MaxId + 1];
        Array.Fill(left, int.MaxValue);
        var right = new int[LabelMap.MaxId + 1];
        var top = new int[LabelMap.MaxId + 1];
        var bottom = new int[LabelMap.MaxId + 1];
        for (var y = 0; y < labels.Height; y++)
        {
            var row = labels.Ids.AsSpan(y * labels.Width, labels.Width);
            for (var x = 0; x < row.Length; x++)
            {
                var id = row[x];
                if (id == 0)
                {
                    continue;
                }

                if (left[id] == int.MaxValue)
                {
                    top[id] = y;
                }

                left[id] = Math.Min(left[id], x);
                right[id] = Math.Max(right[id], x);
                bottom[id] = y;
            }
        }

        return Enumerable.Range(1, LabelMap.MaxId)
            .Where(id => left[id] != int.MaxValue)
            .ToDictionary(id => id, id => new Box(left[id], top[id], right[id] - left[id] + 1, bottom[id] - top[id] + 1));
    }
}
