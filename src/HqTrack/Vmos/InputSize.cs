namespace HqTrack.Vmos;

/// <summary>How a frame's size becomes the size a network sees.</summary>
internal enum ResizeRule
{
    /// <summary>Large frames are scaled down to the short side, small ones are left as they are: the published DeAOT.</summary>
    Shrink,

    /// <summary>
    /// Small ones are enlarged as well, to as many pixels as 640x360 has, at most to twice their sides: the light model, which loses objects that cover
    /// few positions of the map at 1/16.
    /// </summary>
    Enlarge,

    /// <summary>The short side is enlarged to the wanted one, then the long side is capped at 13/6 of that (480 and 1040): the published VMOS.</summary>
    Published,
}

/// <summary>The size a network sees: sides that are a multiple of 16 plus 1.</summary>
internal static class InputSize
{
    /// <summary>Default short side.</summary>
    public const int DefaultShortSide = 480;

    private const int Stride = 16;
    private const double EnlargedPixels = 640 * 360; // the size that lite's speed is meant for
    private const double MostEnlarged = 2;           // four times the work, so that tiny videos stay quick
    private const double LongSideFactor = 1040.0 / 480;

    /// <summary>The size for a frame.</summary>
    /// <param name="rule">How sizes are limited.</param>
    /// <param name="width">The frame's width.</param>
    /// <param name="height">The frame's height.</param>
    /// <param name="shortSide">Wanted short side.</param>
    /// <param name="scale">Test-time factor of the result.</param>
    public static (int Width, int Height) For(ResizeRule rule, int width, int height, int shortSide = DefaultShortSide, double scale = 1)
    {
        if (rule != ResizeRule.Published)
        {
            var enlarged = rule == ResizeRule.Enlarge ? Math.Clamp(Math.Sqrt(EnlargedPixels / ((double)width * height)), 1, MostEnlarged) : 1;
            var factor = Math.Min(enlarged, (double)shortSide / Math.Min(width, height)) * scale;
            return (Round(width * factor), Round(height * factor));
        }

        // HQTrack dataloaders/video_transforms.py MultiRestrictSize_; Math.Round and its np.around both round halves to even.
        var enlarge = Math.Max(1.0, (double)shortSide / Math.Min(width, height));
        double w = enlarge * width, h = enlarge * height;
        var shrink = Math.Min(1.0, shortSide * LongSideFactor / Math.Max(w, h));
        return (Round(Math.Truncate(shrink * w * scale)), Round(Math.Truncate(shrink * h * scale)));
    }

    private static int Round(double side) => Math.Max((int)Math.Round((side - 1) / Stride) * Stride, Stride) + 1;
}
