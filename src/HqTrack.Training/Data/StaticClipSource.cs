using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>
/// Pseudo-clips of still images: the image moves as under a hand-held camera, objects cut out of other images move over it. Of images
/// with many objects up to six are tracked, the others are background that looks like them.
/// </summary>
/// <param name="stills">The images.</param>
/// <param name="pasted">What pasted objects are taken from; nothing is pasted where it has none.</param>
internal sealed class StaticClipSource(StillFootage stills, CutOutMaker pasted) : IClipSource
{
    private const int Tries = 100;
    private const int MaxOwnObjects = 6;
    private const float MinOwnArea = 0.002f;     // of the image

    public string Name => stills.Name;

    public Clip Next(ref Rng rng, ClipShape shape)
    {
        for (var i = 0; i < Tries; i++)
        {
            var take = stills.Take(ref rng, shape.Frames);
            if (take[0].Objects.Count > 0 && Compose(ref rng, take, shape) is { } clip)
            {
                return clip;
            }
        }

        throw new MediaException($"{Tries} random clips of '{Name}' showed no object in their first frame, expected masks with objects; check the annotations.");
    }

    private Clip? Compose(ref Rng rng, Picture[] take, ClipShape shape)
    {
        var picture = take[0];
        var own = picture.Objects.Where(part => part.Area >= MinOwnArea * picture.Width * picture.Height).ToArray();
        if (own.Length == 0)
        {
            own = [picture.Objects.MaxBy(part => part.Area)];
        }

        rng.Shuffle(own.AsSpan());
        var count = 1 + rng.Below(Math.Min(own.Length, MaxOwnObjects));
        var ids = new byte[256];
        for (var i = 0; i < count; i++)
        {
            ids[own[i].Id] = (byte)(i + 1);
        }

        var framing = Framing.Choose(ref rng, picture, own[0], shape.Size, 0.5f, 0.95f);
        var poses = Motion.Camera.Walk(ref rng, shape.Frames);
        var bend = 0.02f * Math.Min(picture.Width, picture.Height);
        var layers = new List<Layer> { new Backdrop(take, CutOutMaker.Views(ref rng, framing, poses, shape.Size, bend), ids) };
        Cast.Add(ref rng, layers, pasted, shape, count + 1, count > 2 ? Cast.Few : Cast.Some);
        return ClipComposer.Compose(ref rng, shape, layers);
    }
}
