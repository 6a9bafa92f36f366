using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>Run lengths along the rows of a box, background first, as CVAT has them.</summary>
internal static class RowRuns
{
    /// <summary>Encodes the pixels of an object inside a box.</summary>
    public static List<int> Encode(LabelMap labels, byte id, Box box)
    {
        var runs = new List<int>();
        var (length, isInside) = (0, false);
        for (var y = box.Y; y < box.Y + box.Height; y++)
        {
            foreach (var pixel in labels.Ids.AsSpan((y * labels.Width) + box.X, box.Width))
            {
                if ((pixel == id) != isInside)
                {
                    runs.Add(length);
                    (length, isInside) = (0, !isInside);
                }

                length++;
            }
        }

        runs.Add(length);
        return runs;
    }

    /// <summary>Draws them.</summary>
    /// <exception cref="MediaException">They do not fit the box, or the box does not fit the map.</exception>
    public static void Draw(LabelMap labels, byte id, Box box, IReadOnlyList<int> runs)
    {
        if (runs.Sum() != box.Width * box.Height || runs.Any(run => run < 0) || box.X < 0 || box.Y < 0 || box.X + box.Width > labels.Width || box.Y + box.Height > labels.Height)
        {
            throw new MediaException($"runs of {runs.Sum()} pixels in a box of {box.Width}x{box.Height} at {box.X},{box.Y} do not fit an image of {labels.Width}x{labels.Height}; export it again.");
        }

        var at = 0;
        for (var i = 0; i < runs.Count; i++)
        {
            for (var end = at + runs[i]; at < end; at++)
            {
                if (i % 2 == 1)
                {
                    labels.Ids[((box.Y + (at / box.Width)) * labels.Width) + box.X + (at % box.Width)] = id;
                }
            }
        }
    }
}
