using HqTrack.Media;

namespace HqTrack.Vmos;

/// <summary>
/// Takes away what cannot be the object: parts of a mask (8-connected) that turn up away from where the object was a frame ago, while another part of it is
/// still there. Look-alikes are found that way. Not in the paper: this project's addition for its light model.
/// </summary>
/// <remarks>Where no part is near, the object has moved fast or come back, and all of them stay; so they do where it was not seen a frame ago.</remarks>
internal static class StrayParts
{
    private const double Reach = 0.5; // how far around the last box, in sides of a square of the object's area

    /// <summary>Makes stray parts background, in place.</summary>
    /// <param name="found">What the network found in a frame.</param>
    /// <param name="before">The labels of the frame before, of the same size.</param>
    public static void Drop(DecodedLabels found, LabelMap before)
    {
        var near = Neighbourhoods(before);
        var runs = Runs(found.Labels);
        Connect(runs);
        var isNear = new bool[runs.Count];
        var hasNear = new bool[LabelMap.MaxId + 1];
        for (var i = 0; i < runs.Count; i++)
        {
            if (near[runs[i].Id] is not { } place || place.Touches(runs[i]))
            {
                isNear[Root(runs, i)] = hasNear[runs[i].Id] = true;
            }
        }

        for (var i = 0; i < runs.Count; i++)
        {
            if (hasNear[runs[i].Id] && !isNear[Root(runs, i)])
            {
                Erase(found, runs[i]);
            }
        }
    }

    private static Place?[] Neighbourhoods(LabelMap labels)
    {
        var areas = new int[LabelMap.MaxId + 1];
        foreach (var id in labels.Ids)
        {
            areas[id]++;
        }

        var places = new Place?[LabelMap.MaxId + 1];
        foreach (var (id, box) in Box.Of(labels))
        {
            var reach = Reach * Math.Sqrt(areas[id]);
            places[id] = new(box.X - reach, box.Y - reach, box.X + box.Width + reach, box.Y + box.Height + reach);
        }

        return places;
    }

    // Pixels of one object side by side, in reading order.
    private static List<Run> Runs(LabelMap labels)
    {
        var runs = new List<Run>();
        for (var y = 0; y < labels.Height; y++)
        {
            var row = labels.Ids.AsSpan(y * labels.Width, labels.Width);
            var x = 0;
            while (row[x..].IndexOfAnyExcept((byte)0) is >= 0 and var skipped)
            {
                x += skipped;
                var length = row[x..].IndexOfAnyExcept(row[x]);
                var end = length < 0 ? row.Length : x + length;
                runs.Add(new() { Y = y, Start = x, End = end, Id = row[x], Parent = runs.Count });
                x = end;
            }
        }

        return runs;
    }

    // Joins runs of one object that touch, also at a corner, from one row to the next.
    private static void Connect(List<Run> runs)
    {
        var above = 0;
        for (var i = 0; i < runs.Count; i++)
        {
            while (runs[above].Y < runs[i].Y - 1 || (runs[above].Y == runs[i].Y - 1 && runs[above].End < runs[i].Start))
            {
                above++;
            }

            for (var j = above; runs[j].Y == runs[i].Y - 1 && runs[j].Start <= runs[i].End; j++)
            {
                if (runs[j].Id == runs[i].Id)
                {
                    runs[Root(runs, i)].Parent = Root(runs, j);
                }
            }
        }
    }

    private static int Root(List<Run> runs, int i)
    {
        while (runs[i].Parent != i)
        {
            i = runs[i].Parent = runs[runs[i].Parent].Parent;
        }

        return i;
    }

    private static void Erase(DecodedLabels found, Run run)
    {
        for (var x = run.Start; x < run.End; x++)
        {
            found.Probability[run.Id] -= found.ProbabilityAt(run.Id, x, run.Y);
        }

        found.Area[run.Id] -= run.End - run.Start;
        found.Labels.Ids.AsSpan((run.Y * found.Labels.Width) + run.Start, run.End - run.Start).Clear();
    }

    private sealed class Run
    {
        public required int Y { get; init; }

        public required int Start { get; init; }

        public required int End { get; init; }

        public required int Id { get; init; }

        public required int Parent { get; set; }
    }

    private readonly record struct Place(double Left, double Top, double Right, double Bottom)
    {
        public bool Touches(Run run) => run.Y >= Top && run.Y < Bottom && run.End > Left && run.Start < Right;
    }
}
