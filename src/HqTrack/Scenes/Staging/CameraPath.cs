using HqTrack.Scenes.Geometry;
using HqTrack.Scenes.Rendering;

namespace HqTrack.Scenes.Staging;

/// <summary>The camera over a scene.</summary>
/// <param name="kind">The kind.</param>
/// <param name="at">Eye, point looked at and roll at a phase.</param>
/// <param name="lens">As of <see cref="Rendering.Camera.Look"/>.</param>
internal sealed class CameraPath(CameraKind kind, Func<double, (Vec3 Eye, Vec3 At, double Roll)> at, float lens)
{
    private const double Turn = 2 * Math.PI;

    public CameraKind Kind => kind;

    public Vec3 Eye(double phase) => at(phase).Eye;

    public Camera Camera(double phase, int width, int height)
    {
        var (eye, target, roll) = at(phase);
        return Rendering.Camera.Look(eye, target, lens, roll, width, height);
    }

    public static CameraPath Create(CameraKind kind, SceneRandom random)
    {
        if (kind == CameraKind.Arc)
        {
            return Arc(random);
        }

        var (azimuth, elevation, distance) = (random.Range(-0.5f, 0.5f), random.LogRange(0.08f, 0.9f), random.Range(5.5f, 8.5f));
        var lens = distance / random.LogRange(2.7f, 5);
        var target = new Vec3(random.Range(-0.5f, 0.5f), random.Range(0.3f, 0.9f), 0);
        var (strength, start, way) = (random.LogRange(0.25f, 1.2f), random.Unit() * Turn, random.Sign());
        (double Azimuth, double Elevation, double Distance, Vec3 Shift, double Roll) Base() => (azimuth, elevation, distance, default, 0);
        Func<double, (double Azimuth, double Elevation, double Distance, Vec3 Shift, double Roll)> move = kind switch
        {
            CameraKind.Fixed => _ => Base(),
            CameraKind.Pan => phase => Base() with { Shift = new((float)(way * 1.8f * strength * PortableMath.Sin(start + (Turn * phase))), 0, 0) },
            CameraKind.HandHeld => HandHeld(random, Base(), strength),
            CameraKind.Dolly => phase => Base() with { Distance = distance * (1 + (0.22 * strength * PortableMath.Sin(start + (Turn * phase)))) },
            CameraKind.Crane => phase =>
            {
                var (sin, cos) = PortableMath.SinCos(start + (Turn * phase));
                return Base() with { Azimuth = azimuth + (0.45 * strength * way * sin), Elevation = Math.Max(0.06, elevation + (0.25 * strength * cos)) };
            },
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a camera kind without a path"),
        };
        return new(
            kind,
            phase =>
            {
                var view = move(phase);
                var (sin, cos) = PortableMath.SinCos(view.Azimuth);
                var (rise, run) = PortableMath.SinCos(Math.Min(1.3, view.Elevation));
                var eye = target + new Vec3((float)(view.Distance * run * sin), (float)(view.Distance * rise), (float)(view.Distance * run * cos));
                return (new(eye.X, Math.Max(0.25f, eye.Y), eye.Z), target + view.Shift, view.Roll);
            },
            lens);
    }

    // Slowly around the table, a little nearer in the middle.
    private static CameraPath Arc(SceneRandom random)
    {
        var (from, sweep, height) = (random.Range(-0.12f, 0.12f), random.Sign() * random.Range(0.14f, 0.2f), random.Range(2.5f, 3.0f));
        return new(
            CameraKind.Arc,
            phase =>
            {
                var (sin, cos) = PortableMath.SinCos(from + (sweep * PortableMath.Sin(Turn * ((0.62 * phase) - 0.22))));
                var distance = 7.7 - (0.35 * PortableMath.Sin(Math.PI * phase));
                return (new((float)(distance * sin), height, (float)(distance * cos)), new(0, 0.62f, 0), 0);
            },
            1.58f);
    }

    private static Func<double, (double, double, double, Vec3, double)> HandHeld(
        SceneRandom random, (double Azimuth, double Elevation, double Distance, Vec3 Shift, double Roll) rest, float strength)
    {
        var waves = Enumerable.Range(0, 6).Select(i => (Rate: Turn * (1 + random.Below(3 + i)), Phase: random.Unit() * Turn)).ToArray();
        double Wave(int i, double phase) => strength * PortableMath.Sin((waves[i].Rate * phase) + waves[i].Phase);
        return phase => (
            rest.Azimuth + (0.12 * Wave(0, phase)),
            rest.Elevation + (0.05 * Wave(1, phase)),
            rest.Distance * (1 + (0.05 * Wave(2, phase))),
            new((float)(0.45 * Wave(3, phase)), (float)(0.25 * Wave(4, phase)), 0),
            0.07 * Wave(5, phase));
    }
}
