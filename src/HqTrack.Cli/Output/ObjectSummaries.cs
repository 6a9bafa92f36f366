namespace HqTrack.Cli.Output;

/// <summary>One object over a whole video.</summary>
/// <param name="Id">Its id.</param>
/// <param name="FramesVisible">Frames in which it has a pixel.</param>
/// <param name="LastVisible">The last of them.</param>
/// <param name="MeanConfidence">Mean of the confidence over them, 0..1.</param>
internal sealed record ObjectSummary(int Id, int FramesVisible, int? LastVisible, double MeanConfidence);

/// <summary>Gathers what became of each object, frame by frame, in constant memory.</summary>
internal sealed class ObjectSummaries
{
    private readonly SortedDictionary<int, (int Visible, int? Last, double Confidence)> sums = [];

    /// <summary>Every object seen so far, by id.</summary>
    public IReadOnlyList<ObjectSummary> All =>
        [.. sums.Select(sum => new ObjectSummary(sum.Key, sum.Value.Visible, sum.Value.Last, sum.Value.Visible == 0 ? 0 : sum.Value.Confidence / sum.Value.Visible))];

    /// <summary>Adds the next frame.</summary>
    public void Add(TrackedFrame frame)
    {
        foreach (var tracked in frame.Objects)
        {
            var (visible, last, confidence) = sums.GetValueOrDefault(tracked.Id);
            sums[tracked.Id] = tracked.Area > 0 ? (visible + 1, frame.Index, confidence + tracked.Confidence) : (visible, last, confidence);
        }
    }
}
