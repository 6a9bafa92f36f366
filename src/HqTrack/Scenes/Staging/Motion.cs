using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Staging;

/// <summary>Where something is relative to its anchor. Height is that of its lowest point above the floor.</summary>
internal readonly record struct Pose(float X, float Z, float Height, Vec3 Heading, Transform Turn, float Squash = 1)
{
    public static Pose Still { get; } = new(0, 0, 0, new(0, 0, 1), Transform.Identity);
}

/// <summary>
/// A path in units of phase, period 1: about 80 frames. Paths are drawn once and evaluated at any phase, in any order.
/// </summary>
/// <param name="kind">The kind; null where nothing moves.</param>
/// <param name="at">The pose at a phase.</param>
internal sealed class Motion(MotionKind? kind, Func<double, Pose> at)
{
    private const double Turn = 2 * Math.PI;

    public MotionKind? Kind => kind;

    public Pose At(double phase) => at(phase);

    /// <summary>Of what only stands there.</summary>
    public static Motion Standing(Vec3 heading) => new(null, _ => Pose.Still with { Heading = heading });

    /// <param name="kind">The kind.</param>
    /// <param name="random">Draws the path.</param>
    /// <param name="reach">Typical distance from the anchor, world units.</param>
    public static Motion Create(MotionKind kind, SceneRandom random, float reach)
    {
        var (start, way, depth) = (random.Unit(), random.Sign(), random.Range(0.35f, 0.8f));
        var heading = Horizontal(random.Unit() * Turn);
        return new(kind, kind switch
        {
            MotionKind.Circuit => Follow(Ellipse(start, way, reach, reach * depth)),
            MotionKind.Eight => Follow(phase =>
            {
                var angle = Turn * (start + (way * phase));
                return ((float)(reach * PortableMath.Sin(angle)), (float)(reach * depth * 0.8 * PortableMath.Sin(2 * angle)));
            }),
            MotionKind.Hops => Hop(Ellipse(start, way, reach, reach * depth), 4 + random.Below(2), random.Range(0.45f, 0.8f), random.Unit()),
            MotionKind.Rest => _ => Pose.Still with { Heading = heading },
            MotionKind.Spin => Spin(start, way * (1 + random.Below(3)), random.Range(0, 0.4f)),
            MotionKind.Glide => Glide(start, reach, random.Unit() * Turn, heading),
            MotionKind.Bounce => Hop(Line(start, reach, random.Unit() * Turn), 2 + random.Below(4), random.Range(0.3f, 1.6f), random.Unit()),
            MotionKind.Drift => Drift(random, reach),
            MotionKind.Roll => Roll(start, reach, random.Unit() * Turn, random.Range(2, 5)),
            MotionKind.Swing => Swing(start, reach, random.Unit() * Turn, random.Range(0.2f, 1.2f), heading),
            MotionKind.Tumble => Tumble(random, reach),
            MotionKind.Dart => Dart(random, reach),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a motion kind without a path"),
        });
    }

    private static Vec3 Horizontal(double angle)
    {
        var (sin, cos) = PortableMath.SinCos(angle);
        return new((float)sin, 0, (float)cos);
    }

    private static Func<double, (float X, float Z)> Ellipse(float start, float way, float wide, float deep) => phase =>
    {
        var (sin, cos) = PortableMath.SinCos(Turn * (start + (way * phase)));
        return ((float)(wide * cos), (float)(deep * sin));
    };

    private static Func<double, (float X, float Z)> Line(float start, float reach, double angle)
    {
        var along = Horizontal(angle);
        return phase =>
        {
            var s = (float)(reach * 1.5 * PortableMath.Sin(Turn * (start + phase)));
            return (along.X * s, along.Z * s);
        };
    }

    // Looks where it goes.
    private static Func<double, Pose> Follow(Func<double, (float X, float Z)> path) => phase =>
    {
        var ((x, z), (bx, bz), (ax, az)) = (path(phase), path(phase - 0.004), path(phase + 0.004));
        return Pose.Still with { X = x, Z = z, Heading = new(ax - bx, 0, az - bz) };
    };

    // Parabolas; flat on landing, long in flight.
    private static Func<double, Pose> Hop(Func<double, (float X, float Z)> path, int hops, float height, float offset)
    {
        var follow = Follow(path);
        return phase =>
        {
            var t = (phase * hops) + offset;
            t -= Math.Floor(t);
            var up = (float)(4 * t * (1 - t));
            return follow(phase) with { Height = height * up, Squash = 0.84f + (0.24f * MathF.Sqrt(up)) };
        };
    }

    private static Func<double, Pose> Spin(float start, float turns, float sway) => phase =>
    {
        var angle = Turn * (start + (turns * phase));
        return Pose.Still with { Heading = Horizontal(angle), X = (float)(sway * PortableMath.Sin(Turn * phase)) };
    };

    private static Func<double, Pose> Glide(float start, float reach, double angle, Vec3 heading)
    {
        var line = Line(start, reach, angle);
        return phase =>
        {
            var (x, z) = line(phase);
            return Pose.Still with { X = x, Z = z, Heading = heading };
        };
    }

    private static Func<double, Pose> Drift(SceneRandom random, float reach)
    {
        var (x, z, yaw, tilt) = (Waves(random, reach), Waves(random, reach * 0.8f), Waves(random, 1.6f), Waves(random, 0.35f));
        var axis = random.Direction();
        return phase => Pose.Still with { X = x(phase), Z = z(phase), Heading = Horizontal(yaw(phase)), Turn = Transform.Rotation(axis, tilt(phase)) };
    }

    private static Func<double, Pose> Roll(float start, float reach, double angle, float turns)
    {
        var (line, along) = (Line(start, reach, angle), Horizontal(angle));
        var axis = new Vec3(along.Z, 0, -along.X);
        return phase =>
        {
            var (x, z) = line(phase);
            var s = (x * along.X) + (z * along.Z);
            return Pose.Still with { X = x, Z = z, Turn = Transform.Rotation(axis, turns * s / Math.Max(0.3f, reach)) };
        };
    }

    // On a string from above.
    private static Func<double, Pose> Swing(float start, float reach, double angle, float lift, Vec3 heading)
    {
        var along = Horizontal(angle);
        var axis = new Vec3(along.Z, 0, -along.X);
        return phase =>
        {
            var swing = 0.7 * PortableMath.Sin(Turn * (start + (2 * phase)));
            var (sin, cos) = PortableMath.SinCos(swing);
            var s = (float)(2 * reach * sin);
            return new(along.X * s, along.Z * s, lift + (float)(2 * reach * (1 - cos)), heading, Transform.Rotation(axis, -swing));
        };
    }

    private static Func<double, Pose> Tumble(SceneRandom random, float reach)
    {
        var (x, z, y) = (Waves(random, reach), Waves(random, reach), Waves(random, 0.7f));
        var (axis, turns, lift) = (random.Direction(), random.Sign() * (1 + random.Below(3)), random.Range(0.3f, 1.2f));
        return phase => new(x(phase), z(phase), Math.Max(0, lift + y(phase)), new(0, 0, 1), Transform.Rotation(axis, Turn * turns * phase));
    }

    // Quick from place to place, with rests.
    private static Func<double, Pose> Dart(SceneRandom random, float reach)
    {
        var places = Enumerable.Range(0, 3 + random.Below(3)).Select(_ => (X: reach * random.Range(-1.4f, 1.4f), Z: reach * random.Range(-1, 1))).ToArray();
        var rest = random.Range(0.2f, 0.6f);
        return Follow(phase =>
        {
            var at = (phase - Math.Floor(phase)) * places.Length;
            var i = Math.Min((int)at, places.Length - 1);
            var ((x0, z0), (x1, z1)) = (places[i], places[(i + 1) % places.Length]);
            var t = PortableMath.SmoothStep(rest, 1, (float)(at - i));

            // A little creeping keeps a heading while it rests.
            t = (0.97f * t) + (0.03f * (float)(at - i));
            return (x0 + ((x1 - x0) * t), z0 + ((z1 - z0) * t));
        });
    }

    private static Func<double, float> Waves(SceneRandom random, float size)
    {
        var waves = Enumerable.Range(1, 3).Select(n => (N: n, Size: size * random.Range(0.3f, 1) / n, Phase: random.Unit() * Turn)).ToArray();
        return phase =>
        {
            var sum = 0.0;
            foreach (var wave in waves)
            {
                sum += wave.Size * PortableMath.Sin((Turn * wave.N * phase) + wave.Phase);
            }

            return (float)sum;
        };
    }
}
