namespace HqTrack.Training.Data;

/// <summary>Chooses what part of a picture the clip shows in frame 0.</summary>
internal static class Framing
{
    private const float MaxStretch = 1.15f;

    /// <summary>
    /// A random crop inside the picture that holds the object, as far as it fits: a share of the largest possible crop, slightly
    /// stretched, flipped half of the time.
    /// </summary>
    public static Placement Choose(ref Rng rng, Picture picture, in PictureObject main, int size, float minShare, float maxShare)
    {
        var aspect = rng.LogRange(1 / MaxStretch, MaxStretch);
        var largest = Math.Min(picture.Width * aspect, picture.Height / aspect);
        var side = largest * rng.LogRange(minShare, maxShare);
        var x = Center(ref rng, side / aspect, main.X0, main.X1, picture.Width);
        var y = Center(ref rng, side * aspect, main.Y0, main.Y1, picture.Height);
        var middle = (size - 1) / 2f;
        return new Placement(x, y, middle, middle, size / side, rng.Chance(0.5f), aspect);
    }

    // The middle of an interval of the given length inside [0, limit) that holds [from, to), or lies within it where it is longer.
    internal static float Center(ref Rng rng, float length, float from, float to, float limit)
    {
        var half = length / 2;
        var (a, b) = (to - half, from + half);
        var center = rng.Range(Math.Min(a, b), Math.Max(a, b));
        return Math.Clamp(center, half, Math.Max(half, limit - half)) - 0.5f;
    }
}
