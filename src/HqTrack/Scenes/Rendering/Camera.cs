using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Rendering;

/// <summary>A pinhole camera, or a parallel one for shadows. Pixel (0, 0) covers [0, 1) x [0, 1), rows go down.</summary>
internal readonly struct Camera
{
    /// <summary>Nothing nearer than this is seen.</summary>
    public const float Near = 0.1f;

    public Vec3 Position { get; private init; }

    public Vec3 Right { get; private init; }

    public Vec3 Up { get; private init; }

    public Vec3 Forward { get; private init; }

    /// <summary>Pixels per unit at distance 1 (parallel: at any distance).</summary>
    public float Focal { get; private init; }

    public float CenterX { get; private init; }

    public float CenterY { get; private init; }

    /// <summary>Of a parallel camera, the depth of what it sees; 0 for a pinhole camera.</summary>
    public float Depth { get; private init; }

    /// <summary>Of the 4:3 picture that fits into a frame; wider frames see more at the sides, narrower ones above and below.</summary>
    public static float FittedHeight(int width, int height) => Math.Min(height, 0.75f * width);

    /// <param name="from">The eye.</param>
    /// <param name="at">What is in the middle of the picture; not straight above or below the eye.</param>
    /// <param name="lens">Focal length in <see cref="FittedHeight"/>.</param>
    /// <param name="roll">Turn about the line of sight, radians.</param>
    /// <param name="width">Of the frame, pixels.</param>
    /// <param name="height">Of the frame, pixels.</param>
    public static Camera Look(Vec3 from, Vec3 at, float lens, double roll, int width, int height)
    {
        var forward = (at - from).Normalized();
        var right = Vec3.Cross(forward, Vec3.UnitY).Normalized();
        var up = Vec3.Cross(right, forward);
        var (sin, cos) = PortableMath.SinCos(roll);
        return new()
        {
            Position = from,
            Forward = forward,
            Right = (right * (float)cos) + (up * (float)sin),
            Up = (up * (float)cos) - (right * (float)sin),
            Focal = lens * FittedHeight(width, height),
            CenterX = width * 0.5f,
            CenterY = height * 0.5f,
        };
    }

    /// <summary>Looks along a light at a ball of the world.</summary>
    public static Camera Parallel(Vec3 center, Vec3 toLight, float radius, int size)
    {
        var side = MathF.Abs(toLight.Y) > 0.99f ? new Vec3(1, 0, 0) : Vec3.UnitY;
        var right = Vec3.Cross(side, toLight).Normalized();
        return new()
        {
            Position = center + (toLight * (2 * radius)),
            Forward = -toLight,
            Right = right,
            Up = Vec3.Cross(toLight, right),
            Focal = size / (2 * radius),
            CenterX = size * 0.5f,
            CenterY = size * 0.5f,
            Depth = 4 * radius,
        };
    }
}
