using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Rendering;

/// <summary>What the key light sees, for soft shadows.</summary>
internal sealed class ShadowMap(int size)
{
    // In texels: how far a surface is lifted off itself before it is looked up.
    private const float Lift = 1.6f;

    private readonly DepthBuffer depth = new(size, size);
    private Camera light;
    private float lift;
    private float slack;

    /// <summary>Draws the casters.</summary>
    /// <param name="projector">Scratch.</param>
    /// <param name="bodies">Everything in the scene.</param>
    /// <param name="toLight">Unit direction.</param>
    /// <param name="radius">Of the ball about the world's origin that shadows are computed in.</param>
    public void Draw(Projector projector, IReadOnlyList<Body> bodies, Vec3 toLight, float radius)
    {
        light = Camera.Parallel(default, toLight, radius, size);
        lift = Lift * 2 * radius / size;
        slack = 0.5f * lift / light.Depth;
        depth.Clear();
        var sink = new Sink(depth);
        foreach (var body in bodies)
        {
            if (body.CastsShadow)
            {
                projector.Project(body.Mesh, body.Map, light, size, size, ref sink);
            }
        }
    }

    /// <summary>The share of the light that arrives, 0..1: a 3 x 3 tent over compared texels.</summary>
    public float Lit(Vec3 point, Vec3 normal)
    {
        var d = point + (normal * lift) - light.Position;
        var x = light.CenterX + (light.Focal * Vec3.Dot(d, light.Right)) - 0.5f;
        var y = light.CenterY - (light.Focal * Vec3.Dot(d, light.Up)) - 0.5f;
        if (!(x >= 1 && y >= 1 && x < size - 3 && y < size - 3))
        {
            return 1;
        }

        var near = 1 - (Vec3.Dot(d, light.Forward) / light.Depth) + slack;
        var (x0, y0) = ((int)x, (int)y);
        var (fx, fy) = (x - x0, y - y0);
        var map = depth.Nearness;
        var at = ((y0 - 1) * size) + x0 - 1;
        var sum = Row(map, at, near, fx) * (1 - fy);
        sum += Row(map, at + size, near, fx);
        sum += Row(map, at + (2 * size), near, fx);
        sum += Row(map, at + (3 * size), near, fx) * fy;
        return sum * (1 / 9f);

        static float Row(float[] map, int at, float near, float fx)
        {
            var row = map.AsSpan(at, 4);
            return (row[0] > near ? 0 : 1 - fx) + (row[1] > near ? 0 : 1) + (row[2] > near ? 0 : 1) + (row[3] > near ? 0 : fx);
        }
    }

    private readonly struct Sink(DepthBuffer depth) : ITriangleSink
    {
        public void Add(in ScreenTriangle triangle, in Corner a, in Corner b, in Corner c, int slot) => depth.Draw(triangle);
    }
}
