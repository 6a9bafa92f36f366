namespace HqTrack.Evaluation.Vot;

/// <summary>Which frames' overlaps an analysis of the VOT toolkit averages.</summary>
internal sealed record OverlapFrames
{
    /// <summary>Quality of VOTS: every annotated frame; the one in which the object is pointed out counts with overlap 0.</summary>
    public static OverlapFrames Quality { get; } = new();

    /// <summary>Accuracy of VOTS: frames that show the object and in which the prediction overlaps it.</summary>
    public static OverlapFrames Accuracy { get; } = new() { SkipAbsent = true, Threshold = 0 };

    /// <summary>Frames to skip from the one on in which the object is pointed out.</summary>
    public int BurnIn { get; init; }

    /// <summary>Skip frames without an answer (special 0).</summary>
    public bool SkipUnknown { get; init; }

    /// <summary>Skip frames that do not show the object.</summary>
    public bool SkipAbsent { get; init; }

    /// <summary>Overlaps up to this are skipped.</summary>
    public double Threshold { get; init; } = -1;

    /// <summary>The frames, ascending.</summary>
    public IReadOnlyList<int> Select(IReadOnlyList<Region> predicted, IReadOnlyList<Region> truth, IReadOnlyList<double> overlaps)
    {
        var kept = Enumerable.Repeat(true, truth.Count).ToArray();
        for (var i = 0; i < truth.Count; i++)
        {
            if (truth[i] is Region.Special { Code: Region.Special.Unknown } || (SkipAbsent && truth[i].IsEmpty))
            {
                kept[i] = false;
                continue;
            }

            switch (predicted[i])
            {
                case Region.Special { Code: Region.Special.Unknown } when SkipUnknown:
                case Region.Special { Code: Region.Special.Failure }:
                    kept[i] = false;
                    break;
                case Region.Special { Code: Region.Special.Initialization }:
                    kept.AsSpan(i, Math.Min(BurnIn, kept.Length - i)).Clear();
                    break;
                default:
                    kept[i] &= overlaps[i] > Threshold;
                    break;
            }
        }

        return [.. Enumerable.Range(0, kept.Length).Where(i => kept[i])];
    }
}
