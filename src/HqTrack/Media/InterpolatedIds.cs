namespace HqTrack.Media;

/// <summary>
/// Finds the ids that interpolation put into a mask. Scaling or anti-aliasing writes averages along the edges: thin runs whose value
/// lies strictly between those of the two neighbours, in a ring around an object of a higher id. An id that occurs nowhere else is no
/// object. (Thin runs alone are no proof: slivers of things seen between two others look the same.)
/// </summary>
internal static class InterpolatedIds
{
    private const int LongestRun = 4;       // pixels; objects are wider somewhere
    private const double Share = 0.9;       // of an id's pixels that lie in such runs
    private const int Slack = 2;            // pixels by which the ring may miss the object's box

    /// <summary>The ids that are rings of averages, ascending.</summary>
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

        var extents = Measure(labels, inRun);
        return [.. Enumerable.Range(1, 255).Where(id =>
            extents[id].InRuns > Share * extents[id].Pixels
            && Enumerable.Range(id + 1, 255 - id).Any(higher => extents[higher].Pixels > 0 && extents[id].Surrounds(extents[higher])))];
    }

    private static Extent[] Measure(LabelMap labels, bool[] inRun)
    {
        var extents = new Extent[256];
        Array.Fill(extents, new Extent(labels.Width, labels.Height));
        for (var y = 0; y < labels.Height; y++)
        {
            var row = y * labels.Width;
            for (var x = 0; x < labels.Width; x++)
            {
                extents[labels.Ids[row + x]].Add(x, y, inRun[row + x]);
            }
        }

        return extents;
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

    private struct Extent(int left, int top)
    {
        private int _left = left, _top = top, _right = -1, _bottom = -1;

        public int Pixels { get; private set; }

        public int InRuns { get; private set; }

        public void Add(int x, int y, bool inRun)
        {
            _left = Math.Min(_left, x);
            _top = Math.Min(_top, y);
            _right = Math.Max(_right, x);
            _bottom = Math.Max(_bottom, y);
            Pixels++;
            InRuns += inRun ? 1 : 0;
        }

        public readonly bool Surrounds(in Extent other) =>
            _left <= other._left + Slack && _top <= other._top + Slack && _right >= other._right - Slack && _bottom >= other._bottom - Slack;
    }
}
