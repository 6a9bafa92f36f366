using System.Runtime.CompilerServices;
using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Rendering;

/// <summary>What the key light sees, for soft shadows.</summary>
internal sealed class ShadowMap(int size)
{
    // In texels: how far a surface is lifted off itself before it is looked up.
    private const float Lift = 1.6f;

    // Side of a block in texels, as a power of two.
    private const int Block = 3;

    private readonly DepthBuffer depth = new(size, size);
    private readonly int blocks = size >> Block;

    // The nearest caster in and around each block: most points have none before them and need no closer look.
    private readonly float[] nearest = new float[(size >> Block) * (size >> Block)];
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

        SummariseBlocks();
    }

    /// <summary>The share of the light that arrives, 0..1: a 3 x 3 tent over compared texels.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
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
        var (x0, y0) = (float.ConvertToIntegerNative<int>(x), float.ConvertToIntegerNative<int>(y));
        if (nearest[((y0 >> Block) * blocks) + (x0 >> Block)] <= near)
        {
            return 1;
        }

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

    // Over two texels more on every side, which is as far as a look-up reaches.
    private void SummariseBlocks()
    {
        const int Reach = 2;
        for (var by = 0; by < blocks; by++)
        {
            for (var bx = 0; bx < blocks; bx++)
            {
                var (left, right) = (Math.Max(0, (bx << Block) - Reach), Math.Min(size, ((bx + 1) << Block) + Reach));
                var (top, bottom) = (Math.Max(0, (by << Block) - Reach), Math.Min(size, ((by + 1) << Block) + Reach));
                var most = 0f;
                for (var y = top; y < bottom; y++)
                {
                    foreach (var near in depth.Nearness.AsSpan((y * size) + left, right - left))
                    {
                        most = near > most ? near : most;
                    }
                }

                nearest[(by * blocks) + bx] = most;
            }
        }
    }

    private readonly struct Sink(DepthBuffer depth) : ITriangleSink
    {
        public static bool IsShaded => false;

        public void Add(in ScreenTriangle triangle, in Corner a, in Corner b, in Corner c, int slot) => depth.Draw(triangle);
    }
}
