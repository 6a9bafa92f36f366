using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>
/// Single images as a network of the SAM family sees them: all or most of a picture, or what is around one object, the long side as long as the square, the rest of the square padded
/// right or below. In most of them objects from elsewhere are pasted.
/// </summary>
/// <param name="footage">The pictures.</param>
/// <param name="pasted">What pasted objects are taken from; nothing is pasted where it has none.</param>
/// <param name="zoomShare">Share of the images that show what is around one object, 0..1.</param>
internal sealed class WholeImageSource(IFootage footage, CutOutMaker pasted, float zoomShare = 0) : IClipSource
{
    private const int Tries = 100;
    private const float MinShare = 0.5f;         // of the largest window that fits into the picture
    private const float MaxStretch = 1.3f;       // of the window's sides against the picture's
    private const float MinZoomMargin = 1.4f;    // of a window's length around one object against the object's
    private const float MaxZoomMargin = 4.5f;
    private const float MinSlimness = 0.6f;      // of a window around one object: its short side against the long one
    private const float MinWindow = 80;          // pixels of the picture
    private const float PasteShare = 0.6f;       // where one object stands out, a prompt teaches nothing

    // What normalisation makes 0 of: padding is 0 there.
    private static readonly byte[] Padding = [124, 116, 104];

    public string Name => footage.Name;

    /// <summary>A clip of one frame, of side S = 16 k + 1; the picture lies in its first S - 1 columns and rows.</summary>
    public Clip Next(ref Rng rng, ClipShape shape)
    {
        for (var i = 0; i < Tries; i++)
        {
            var take = footage.Take(ref rng, 1);
            if (take[0].Objects.Count > 0 && Compose(ref rng, take, shape) is { } clip)
            {
                return clip;
            }
        }

        throw new MediaException($"{Tries} random images of '{Name}' showed no object, expected masks with objects; check the annotations.");
    }

    private Clip? Compose(ref Rng rng, Picture[] take, ClipShape shape)
    {
        var picture = take[0];
        var main = picture.Objects[rng.Below(picture.Objects.Count)];
        var (width, height) = zoomShare > 0 && rng.Chance(zoomShare) ? Around(ref rng, picture, main) : Most(ref rng, picture);
        int square = shape.Size - 1;
        var scale = square / Math.Max(width, height);
        int right = Math.Min(square, (int)MathF.Round(width * scale)), bottom = Math.Min(square, (int)MathF.Round(height * scale));
        var placement = new Placement(
            Framing.Center(ref rng, width, main.X0, main.X1, picture.Width), Framing.Center(ref rng, height, main.Y0, main.Y1, picture.Height),
            (right - 1) / 2f, (bottom - 1) / 2f, scale, rng.Chance(0.5f));
        var views = CutOutMaker.Views(ref rng, placement, new Pose[1], shape.Size, 0.02f * Math.Min(picture.Width, picture.Height));
        var ids = new byte[256];
        for (var i = 0; i < picture.Objects.Count; i++)
        {
            ids[picture.Objects[i].Id] = (byte)(i + 1);
        }

        var layers = new List<Layer> { new Backdrop(take, views, ids) };
        if (rng.Chance(PasteShare))
        {
            Cast.Add(ref rng, layers, pasted, shape, picture.Objects.Count + 1, picture.Objects.Count > 2 ? Cast.Few : Cast.Some);
        }

        Frame[] frames = [new Frame(new byte[shape.Size * shape.Size * 3], shape.Size, shape.Size)];
        var labels = new LabelMap(shape.Size, shape.Size);
        foreach (var layer in layers)
        {
            layer.Draw(0, frames[0], labels);
        }

        EachPadding(shape.Size, right, bottom, (start, length) => labels.Ids.AsSpan(start, length).Clear());
        if (ClipComposer.Finish(ref rng, frames, [labels]) is not { } clip)
        {
            return null;
        }

        EachPadding(shape.Size, right, bottom, (start, length) =>
        {
            var rgb = clip.Frames[0].Rgb.AsSpan(start * 3, length * 3);
            for (var i = 0; i < rgb.Length; i++)
            {
                rgb[i] = Padding[i % 3];
            }
        });
        return clip;
    }

    private static (float Width, float Height) Most(ref Rng rng, Picture picture)
    {
        var aspect = (float)picture.Height / picture.Width * rng.LogRange(1 / MaxStretch, MaxStretch);
        var width = rng.LogRange(MinShare, 1) * Math.Min(picture.Width, picture.Height / aspect);
        return (width, width * aspect);
    }

    // A window like those of SamWindow: a few times as long as the object, not much narrower than long.
    private static (float Width, float Height) Around(ref Rng rng, Picture picture, in PictureObject main)
    {
        float across = main.X1 - main.X0, down = main.Y1 - main.Y0;
        var length = Math.Max(MinWindow, Math.Max(across, down) * rng.LogRange(MinZoomMargin, MaxZoomMargin));
        var narrow = rng.Range(MinSlimness, 1) * length;
        var (width, height) = across > down ? (length, narrow) : (narrow, length);
        return (Math.Min(width, picture.Width), Math.Min(height, picture.Height));
    }

    // Runs of pixels outside the window, by index of their first pixel.
    private static void EachPadding(int size, int right, int bottom, Action<int, int> run)
    {
        for (var y = 0; y < size; y++)
        {
            var first = y < bottom ? right : 0;
            run((y * size) + first, size - first);
        }
    }
}
