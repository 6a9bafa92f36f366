namespace HqTrack.Training.Data;

/// <summary>An object to cut out: its pictures and what it is in the first of them.</summary>
internal sealed record Material(Picture[] Pictures, PictureObject Object);

/// <summary>Takes objects out of footage and sends them over the canvas on their own ways.</summary>
/// <param name="footage">What objects are taken from, all alike often.</param>
internal sealed class CutOutMaker(IReadOnlyList<IFootage> footage)
{
    private const int Tries = 8;
    private const float MinArea = 0.01f;         // of its picture: smaller objects are too coarse to paste
    private const float MaxCutOff = 0.04f;       // an object cut off by its picture's edge looks wrong elsewhere
    private const float MaxEnlargement = 1.6f;

    /// <summary>An object fit to be pasted, or null where none came up in a few tries.</summary>
    public Material? Pick(ref Rng rng, int frames)
    {
        for (var i = 0; footage.Count > 0 && i < Tries; i++)
        {
            var take = footage[rng.Below(footage.Count)].Take(ref rng, frames);
            if (take[0].Objects.Count == 0)
            {
                continue;
            }

            var part = take[0].Objects[rng.Below(take[0].Objects.Count)];
            if (part.Area >= MinArea * take[0].Width * take[0].Height && part.CutOff <= MaxCutOff)
            {
                return new Material(take, part);
            }
        }

        return null;
    }

    /// <summary>
    /// Places an object of an extent (root of its area, in canvas sides) and moves it: a random walk, sometimes across a place of
    /// interest (in canvas sides too), so that it hides what is there, sometimes out of the picture and back.
    /// </summary>
    public CutOut Place(ref Rng rng, Material material, ClipShape shape, byte id, float extent, (float X, float Y) focus)
    {
        var size = shape.Size;
        var scale = Math.Min(extent * size / MathF.Sqrt(material.Object.Area), MaxEnlargement);
        var (x, y) = (rng.Range(0.08f, 0.92f), rng.Range(0.08f, 0.92f));
        var poses = Motion.Object.Walk(ref rng, shape.Frames);
        switch (rng.Weighted([0.55f, 0.3f, 0.15f]))
        {
            case 1:
                var reach = rng.Range(0.7f, 2f);
                Motion.AddPassage(poses, (focus.X - x) * reach, (focus.Y - y) * reach);
                break;
            case 2:
                var (outX, outY) = (x - 0.5f + (0.1f * rng.Normal()), y - 0.5f + (0.1f * rng.Normal()));
                var away = rng.Range(0.5f, 1.1f) / Math.Max(1e-3f, MathF.Sqrt((outX * outX) + (outY * outY)));
                Motion.AddExcursion(poses, outX * away, outY * away);
                break;
            default:
                break;
        }

        var placement = new Placement(
            material.Object.CenterX, material.Object.CenterY, x * size, y * size, scale, rng.Chance(0.5f), rng.LogRange(0.87f, 1.15f));
        var views = Views(ref rng, placement, poses, size, 0.06f * MathF.Sqrt(material.Object.Area));
        return new CutOut(material.Pictures, views, material.Object.Id, id);
    }

    /// <summary>The views along a way; in a third of all cases what is seen also bends a little, by up to an amplitude in picture pixels.</summary>
    public static View[] Views(ref Rng rng, Placement placement, Pose[] poses, int size, float amplitude)
    {
        var bends = rng.Chance(0.33f);
        var (u, v) = (rng.Range(0, amplitude), rng.Range(0, amplitude));
        var frequency = 2 * MathF.PI / (size * rng.Range(0.5f, 1.5f));
        var (phaseU, phaseV, drift) = (rng.Range(0, 6.28f), rng.Range(0, 6.28f), 0.5f * rng.Normal());
        var views = new View[poses.Length];
        for (var t = 0; t < views.Length; t++)
        {
            var bend = bends ? new Bend(u, v, frequency, phaseU + (t * drift), phaseV - (t * drift)) : default;
            views[t] = placement.View(poses[t], size, bend);
        }

        return views;
    }
}
