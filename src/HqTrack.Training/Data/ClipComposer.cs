using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>Draws sheets one over the other, dirties the images as a camera would, and settles which ids the clip has.</summary>
internal static class ClipComposer
{
    /// <summary>An object must show at least this share of the canvas in frame 0 to be one of the clip's.</summary>
    private const float MinVisible = 0.0008f;

    /// <summary>The clip, or null where frame 0 shows no object.</summary>
    /// <param name="rng">Drawn from for ids, colours and noise.</param>
    /// <param name="shape">Frames and side.</param>
    /// <param name="layers">From the back to the front; ids as the sheets have them, in any order and number.</param>
    public static Clip? Compose(ref Rng rng, ClipShape shape, IReadOnlyList<Layer> layers)
    {
        var frames = new Frame[shape.Frames];
        var labels = new LabelMap[shape.Frames];
        for (var t = 0; t < shape.Frames; t++)
        {
            frames[t] = new Frame(new byte[shape.Size * shape.Size * 3], shape.Size, shape.Size, t);
            labels[t] = new LabelMap(shape.Size, shape.Size);
            foreach (var layer in layers)
            {
                layer.Draw(t, frames[t], labels[t]);
            }

            if (t == 0 && Visible(labels[0]).Count == 0)
            {
                return null;
            }
        }

        return Finish(ref rng, frames, labels);
    }

    /// <summary>Settles ids and appearance of drawn frames, in place; null where frame 0 shows no object.</summary>
    public static Clip? Finish(ref Rng rng, Frame[] frames, LabelMap[] labels)
    {
        var objects = Visible(labels[0]);
        if (objects.Count == 0)
        {
            return null;
        }

        // Which object gets which id says nothing; neither does which ones are left out when there are too many.
        var shuffled = objects.ToArray();
        rng.Shuffle(shuffled.AsSpan());
        var count = Math.Min(shuffled.Length, Clip.MaxObjects);
        var ids = new byte[256];
        for (var i = 0; i < count; i++)
        {
            ids[shuffled[i]] = (byte)(i + 1);
        }

        foreach (var map in labels)
        {
            foreach (ref var id in map.Ids.AsSpan())
            {
                id = ids[id];
            }
        }

        Appearance.Random(ref rng).Apply(ref rng, frames);
        return new Clip(frames, labels, count);
    }

    private static List<byte> Visible(LabelMap labels)
    {
        Span<int> area = stackalloc int[256];
        foreach (var id in labels.Ids)
        {
            area[id]++;
        }

        var least = Math.Max(1, MinVisible * labels.Ids.Length);
        var visible = new List<byte>();
        for (var id = 1; id < area.Length; id++)
        {
            if (area[id] >= least)
            {
                visible.Add((byte)id);
            }
        }

        return visible;
    }
}
