namespace HqTrack.Media;

/// <summary>
/// Finds the ids that interpolation put into a mask. Scaling or anti-aliasing writes averages along the edges: thin runs whose value
/// lies strictly between those of the two neighbours. An id that occurs nowhere else is no object.
/// </summary>
internal static class InterpolatedIds
{
    private const int LongestRun = 8;       // pixels: the ramp of an 8-fold enlargement
    private const double Share = 0.9;       // of an id's pixels

    /// <summary>The ids of which nearly all pixels lie in such runs, ascending.</summary>
    public static IReadOnlyList<int> Find(LabelMap labels)
    {
        var (width, height, ids) = (labels.Width, labels.Height, labels.Ids);
        var inRun = new bool[ids.Length];
        for (var y = 0; y < height; y++)
        {
            MarkRuns(ids, inRun, y * width, 1, width);
        }

        for (var x = 0; x < width; x++)
        {
            MarkRuns(ids, inRun, x, width, height);
        }

        var pixels = new int[256];
        var suspect = new int[256];
        for (var i = 0; i < ids.Length; i++)
        {
            pixels[ids[i]]++;
            suspect[ids[i]] += inRun[i] ? 1 : 0;
        }

        return [.. Enumerable.Range(1, 255).Where(id => suspect[id] > Share * pixels[id] && suspect[id] > 0)];
    }

    private static void MarkRuns(byte[] ids, bool[] inRun, int start, int step, int count)
    {
        var runStart = 0;
        for (var i = 1; i <= count; i++)
        {
            if (i < count && ids[start + (i * step)] == ids[start + (runStart * step)])
            {
                continue;
            }

            if (runStart > 0 && i < count && i - runStart <= LongestRun)
            {
                var (before, value, after) = (ids[start + ((runStart - 1) * step)], ids[start + (runStart * step)], ids[start + (i * step)]);
                if (Math.Min(before, after) < value && value < Math.Max(before, after))
                {
                    for (var j = runStart; j < i; j++)
                    {
                        inRun[start + (j * step)] = true;
                    }
                }
            }

            runStart = i;
        }
    }
}
