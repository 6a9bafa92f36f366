namespace HqTrack.Training.Data;

/// <summary>How far something has moved since frame 0; X and Y in canvas sides, angle in radians, tilt in 1 / canvas side.</summary>
internal readonly record struct Pose(float X, float Y, float Angle, float LogScale, float Shear, float TiltX, float TiltY);

/// <summary>Smooth random motion: each component is a walk whose velocity is kept in part from frame to frame.</summary>
/// <param name="Shift">Typical step in canvas sides per frame.</param>
/// <param name="Turn">Typical turn per frame, radians.</param>
/// <param name="Zoom">Typical change of the scale's logarithm per frame.</param>
/// <param name="Warp">Typical change of shear and tilt per frame.</param>
internal sealed record Motion(float Shift, float Turn, float Zoom, float Warp)
{
    private const float KeptVelocity = 0.75f;
    private const int Components = 7;

    /// <summary>Of a hand-held camera.</summary>
    public static Motion Camera { get; } = new(0.035f, 0.04f, 0.03f, 0.015f);

    /// <summary>Of an object on its own way.</summary>
    public static Motion Object { get; } = new(0.055f, 0.09f, 0.06f, 0.03f);

    /// <summary>Poses of T frames; the first is "not moved". All steps share a random speed between a quarter and twice the typical one.</summary>
    public Pose[] Walk(ref Rng rng, int frames)
    {
        var speed = rng.LogRange(0.25f, 2f);
        Span<float> spread = [Shift, Shift, Turn, Zoom, Warp, Warp, Warp];
        Span<float> velocity = stackalloc float[Components];
        Span<float> place = stackalloc float[Components];
        for (var c = 0; c < Components; c++)
        {
            velocity[c] = speed * spread[c] * rng.Normal();
        }

        var poses = new Pose[frames];
        for (var t = 1; t < frames; t++)
        {
            for (var c = 0; c < Components; c++)
            {
                place[c] += velocity[c];
                velocity[c] = (KeptVelocity * velocity[c]) + (0.5f * speed * spread[c] * rng.Normal());
            }

            poses[t] = new Pose(
                place[0], place[1], place[2], Math.Clamp(place[3], -0.7f, 0.7f),
                Math.Clamp(place[4], -0.35f, 0.35f), Math.Clamp(place[5], -0.25f, 0.25f), Math.Clamp(place[6], -0.25f, 0.25f));
        }

        return poses;
    }

    /// <summary>Adds a way out and back: farthest in the middle of the clip, home again at its end.</summary>
    public static void AddExcursion(Pose[] poses, float x, float y)
    {
        for (var t = 1; t < poses.Length; t++)
        {
            // Over T frames (not T - 1): the last frame sees the object on its way back in, not exactly where it began.
            var away = MathF.Sin(MathF.PI * t / poses.Length);
            poses[t] = poses[t] with { X = poses[t].X + (x * away), Y = poses[t].Y + (y * away) };
        }
    }

    /// <summary>Adds a straight way, all of it covered at the clip's end.</summary>
    public static void AddPassage(Pose[] poses, float x, float y)
    {
        for (var t = 1; t < poses.Length; t++)
        {
            var share = (float)t / (poses.Length - 1);
            poses[t] = poses[t] with { X = poses[t].X + (x * share), Y = poses[t].Y + (y * share) };
        }
    }
}

/// <summary>How a picture lies on the canvas in frame 0: a point of each that coincide, scale (canvas pixels per picture pixel), flip, stretch.</summary>
internal sealed record Placement(float PictureX, float PictureY, float CanvasX, float CanvasY, float Scale, bool Flip, float Aspect = 1)
{
    /// <summary>The canvas's view of the picture after it has moved by a pose.</summary>
    public View View(in Pose pose, int size, in Bend bend = default)
    {
        var scale = Scale * Math.Exp(pose.LogScale);
        var (sin, cos) = Math.SinCos(pose.Angle);
        var flip = Flip ? -1.0 : 1.0;
        var toCanvas =
            Homography.Translation(CanvasX + (pose.X * size), CanvasY + (pose.Y * size))
            * Homography.Tilt(pose.TiltX / size, pose.TiltY / size)
            * Homography.Linear(cos, -sin, sin, cos)
            * Homography.Linear(scale * Aspect * flip, scale * pose.Shear, 0, scale / Aspect)
            * Homography.Translation(-PictureX, -PictureY);
        return new View(toCanvas.Inverse(), bend);
    }
}
