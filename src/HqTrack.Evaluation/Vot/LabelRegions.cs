using HqTrack.Media;

namespace HqTrack.Evaluation.Vot;

/// <summary>Between label maps and regions.</summary>
internal static class LabelRegions
{
    /// <summary>An object's pixels as a mask cut to its tight box; <see cref="Region.Mask.None"/> where it has none.</summary>
    public static Region.Mask Of(LabelMap labels, TrackedObject tracked)
    {
        if (tracked.Box is not { } box)
        {
            return Region.Mask.None;
        }

        var pixels = new byte[box.Width * box.Height];
        for (var y = 0; y < box.Height; y++)
        {
            var row = labels.Ids.AsSpan(((box.Y + y) * labels.Width) + box.X, box.Width);
            for (var x = 0; x < row.Length; x++)
            {
                pixels[(y * box.Width) + x] = row[x] == tracked.Id ? (byte)1 : (byte)0;
            }
        }

        return new(box.X, box.Y, box.Width, box.Height, pixels);
    }

    /// <summary>Draws a region's pixels into a label map; pixels that other objects have are taken over.</summary>
    public static void Draw(Region region, LabelMap labels, byte id)
    {
        var image = Bounds.OfImage(labels.Width, labels.Height);
        var box = region is Region.Mask mask
            ? new Bounds(mask.X, mask.Y, (long)mask.X + mask.Width - 1, (long)mask.Y + mask.Height - 1).Clip(image)
            : Bounds.Of(region).Clip(image);
        var pixels = RegionRaster.Draw(region, box);
        for (var i = 0; i < pixels.Length; i++)
        {
            if (pixels[i] != 0)
            {
                var (y, x) = Math.DivRem(i, (int)(box.Right - box.Left + 1));
                labels.Ids[((box.Top + y) * labels.Width) + box.Left + x] = id;
            }
        }
    }
}
