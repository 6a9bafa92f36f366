namespace HqTrack.Vmos;

/// <summary>The size a network sees: sides that are a multiple of 16 plus 1.</summary>
internal static class InputSize
{
    /// <summary>Default short side of the project's own models; smaller frames are not enlarged.</summary>
    public const int DefaultShortSide = 480;

    /// <summary>Scales a frame down so that its short side is at most <paramref name="shortSide"/>, then rounds each side to 16 k + 1.</summary>
    public static (int Width, int Height) For(int width, int height, int shortSide = DefaultShortSide)
    {
        var scale = Math.Min(1.0, (double)shortSide / Math.Min(width, height));
        return (Round(width * scale), Round(height * scale));
    }

    private static int Round(double side) => Math.Max((int)Math.Round((side - 1) / 16) * 16, 16) + 1;
}
