namespace HqTrack.Evaluation.Vot;

/// <summary>Intersection over union of two regions of any kinds, with the VOT toolkit's rules for empty and thin ones.</summary>
internal static class RegionOverlap
{
    /// <summary>The overlap, 0..1. Where both boxes together are one pixel wide or tall it is 1, which makes two empty regions equal.</summary>
    /// <param name="a">A region.</param>
    /// <param name="b">Another region.</param>
    /// <param name="size">Size of the image that the regions are clipped to; null for none.</param>
    /// <param name="ignored">Pixels left out of the count, or null.</param>
    public static double Of(Region a, Region b, (int Width, int Height)? size = null, Region? ignored = null)
    {
        var box = Bounds.Of(a).Union(Bounds.Of(b));
        if (box.IsThin)
        {
            return 1;
        }

        if (size is { } image)
        {
            box = box.Clip(Bounds.OfImage(image.Width, image.Height));
        }

        if (box.IsThin)
        {
            return 0;
        }

        var (first, second) = (RegionRaster.Draw(a, box), RegionRaster.Draw(b, box));
        var hidden = ignored is null or Region.Special or Region.Point ? null : RegionRaster.Draw(ignored, box);
        var (intersection, union) = (0, 0);
        for (var i = 0; i < first.Length; i++)
        {
            var counts = hidden is null || hidden[i] == 0 ? 1 : 0;
            intersection += first[i] & second[i] & counts;
            union += (first[i] | second[i]) & counts;
        }

        return union > 0 ? (double)intersection / union : 0;
    }
}
