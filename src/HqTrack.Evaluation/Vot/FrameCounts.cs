namespace HqTrack.Evaluation.Vot;

/// <summary>The frames of an object by outcome. Frames without annotation are in none.</summary>
/// <param name="Tracked">The object is there and the prediction overlaps it.</param>
/// <param name="Failed">It is there and the prediction lies elsewhere.</param>
/// <param name="Missed">It is there and the prediction is empty; the frame in which it is pointed out counts here.</param>
/// <param name="Hallucinated">It is not there and the prediction is not empty.</param>
/// <param name="Noticed">It is not there and the prediction is empty.</param>
internal readonly record struct FrameCounts(int Tracked, int Failed, int Missed, int Hallucinated, int Noticed)
{
    /// <summary>Frames that show the object.</summary>
    public int Present => Tracked + Failed + Missed;

    /// <summary>Frames that do not.</summary>
    public int Absent => Hallucinated + Noticed;

    /// <summary>Sorts the frames.</summary>
    public static FrameCounts Of(IReadOnlyList<Region> predicted, IReadOnlyList<Region> truth, IReadOnlyList<double> overlaps)
    {
        var counts = default(FrameCounts);
        for (var i = 0; i < truth.Count; i++)
        {
            counts = truth[i] switch
            {
                Region.Special { Code: Region.Special.Unknown } => counts,
                { IsEmpty: true } when predicted[i].IsEmpty => counts with { Noticed = counts.Noticed + 1 },
                { IsEmpty: true } => counts with { Hallucinated = counts.Hallucinated + 1 },
                _ when overlaps[i] > 0 => counts with { Tracked = counts.Tracked + 1 },
                _ when predicted[i].IsEmpty => counts with { Missed = counts.Missed + 1 },
                _ => counts with { Failed = counts.Failed + 1 },
            };
        }

        return counts;
    }
}
