using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>
/// Clips of real video: frames of one sequence with gaps, one crop for all of them, and in half of the clips objects from elsewhere
/// pasted over it with their own motion.
/// </summary>
/// <param name="videos">The videos.</param>
/// <param name="pasted">What pasted objects are taken from; nothing is pasted where it has none.</param>
/// <param name="pasteShare">Share of the clips with pasted objects, 0..1.</param>
internal sealed class DavisClipSource(VideoFootage videos, CutOutMaker pasted, float pasteShare = 0.5f) : IClipSource
{
    private const int Tries = 100;

    public string Name => videos.Name;

    public Clip Next(ref Rng rng, ClipShape shape)
    {
        for (var i = 0; i < Tries; i++)
        {
            var take = videos.Take(ref rng, shape.Frames);
            if (take[0].Objects.Count > 0 && Compose(ref rng, take, shape) is { } clip)
            {
                return clip;
            }
        }

        throw new MediaException($"{Tries} random clips of '{Name}' showed no object in their first frame, expected masks with objects; check the annotations.");
    }

    private Clip? Compose(ref Rng rng, Picture[] take, ClipShape shape)
    {
        var main = take[0].Objects[rng.Below(take[0].Objects.Count)];
        var framing = Framing.Choose(ref rng, take[0], main, shape.Size, 0.5f, 1f);
        var views = new View[shape.Frames];
        Array.Fill(views, framing.View(default, shape.Size));
        var (ids, count) = Renumber(take);
        var layers = new List<Layer> { new Backdrop(take, views, ids) };
        if (rng.Chance(pasteShare))
        {
            Cast.Add(ref rng, layers, pasted, shape, count + 1, Cast.Few);
        }

        return ClipComposer.Compose(ref rng, shape, layers);
    }

    // The take's ids as 1..count (a binary mask may hold 0 and 255), so that pasted objects find free ones above.
    private static (byte[] Ids, int Count) Renumber(Picture[] take)
    {
        var ids = new byte[256];
        var count = 0;
        foreach (var part in take.SelectMany(picture => picture.Objects))
        {
            if (ids[part.Id] == 0)
            {
                ids[part.Id] = (byte)++count;
            }
        }

        return (ids, count);
    }
}
