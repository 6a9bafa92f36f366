using HqTrack.Media;

namespace HqTrack;

/// <summary>Label maps put together, as new maps.</summary>
internal static class LabelMerge
{
    /// <summary>The labels with some objects' pixels taken from another map, where they lie over the others.</summary>
    public static LabelMap Replace(LabelMap labels, LabelMap replacement, IReadOnlyCollection<int> ids)
    {
        var isReplaced = Set(ids);
        var merged = new byte[labels.Ids.Length];
        for (var i = 0; i < merged.Length; i++)
        {
            var (old, given) = (labels.Ids[i], replacement.Ids[i]);
            merged[i] = isReplaced[given] ? given : isReplaced[old] ? (byte)0 : old;
        }

        return new(merged, labels.Width, labels.Height);
    }

    /// <summary>One map over another: where the upper one is background the lower one shows.</summary>
    public static LabelMap Over(LabelMap below, LabelMap above)
    {
        var merged = (byte[])below.Ids.Clone();
        for (var i = 0; i < merged.Length; i++)
        {
            merged[i] = above.Ids[i] == 0 ? merged[i] : above.Ids[i];
        }

        return new(merged, below.Width, below.Height);
    }

    /// <summary>Some of the objects, the others become background.</summary>
    public static LabelMap Only(LabelMap labels, IReadOnlyCollection<int> ids)
    {
        var isKept = Set(ids);
        return new([.. labels.Ids.Select(id => isKept[id] ? id : (byte)0)], labels.Width, labels.Height);
    }

    private static bool[] Set(IReadOnlyCollection<int> ids)
    {
        var set = new bool[LabelMap.MaxId + 1];
        foreach (var id in ids.Where(id => id is > 0 and <= LabelMap.MaxId))
        {
            set[id] = true;
        }

        return set;
    }
}
