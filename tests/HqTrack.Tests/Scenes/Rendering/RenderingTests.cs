using HqTrack.Scenes;
using HqTrack.Scenes.Geometry;
using HqTrack.Scenes.Rendering;
using HqTrack.Scenes.Surfaces;

namespace HqTrack.Tests.Scenes.Rendering;

public sealed class RenderingTests
{
    private const int Width = 200;
    private const int Height = 150;
    private static readonly Material White = new(TextureKind.Solid, (_, _) => new(1, 1, 1), 4);

    [Fact]
    public void A_sphere_covers_the_pixels_whose_rays_meet_it()
    {
        var camera = Camera.Look(new(0, 0, 6), default, 1.5f, 0.3, Width, Height);
        var (near, far) = (Ball(new(0.5f, 0.2f, 1), 0.8f, 1), Ball(new(-0.4f, -0.1f, -1), 1.1f, 2));
        var ids = Draw(camera, near, far).Ids;
        var (wrong, area) = (0, 0);
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var ray = (camera.Right * ((x + 0.5f - (Width / 2f)) / camera.Focal)) + (camera.Up * (((Height / 2f) - y - 0.5f) / camera.Focal)) + camera.Forward;
                var expected = Meets(camera.Position, ray, near) ? 1 : Meets(camera.Position, ray, far) ? 2 : 0;
                area += expected == 1 ? 1 : 0;
                wrong += expected == ids[(y * Width) + x] ? 0 : 1;
            }
        }

        // The mesh of 96 x 50 facets lies a little inside the sphere.
        Assert.InRange(area, 1500, 5000);
        Assert.True(wrong <= 25, $"{wrong} pixels differ");
    }

    [Fact]
    public void Triangles_that_share_edges_fill_every_pixel_once()
    {
        var random = new SceneRandom(4);
        var hub = new Corner { X = 37.123, Y = 41.77, Nearness = 1 };
        var rim = new List<Corner>();
        for (var i = 0; i < 40; i++)
        {
            var (sin, cos) = PortableMath.SinCos((i + (0.8 * random.Unit())) * 2 * Math.PI / 40);
            rim.Add(new() { X = hub.X + (300 * cos), Y = hub.Y + (300 * sin), Nearness = 1 });
        }

        var counter = new Counter(new int[64 * 64]);
        for (var i = 0; i < rim.Count; i++)
        {
            Assert.True(ScreenTriangle.TryCreate(hub, rim[i], rim[(i + 1) % rim.Count], 64, 64, out var triangle));
            triangle.Fill(64, ref counter);
        }

        Assert.All(counter.Visits, visits => Assert.Equal(1, visits));
    }

    [Fact]
    public void A_floor_that_runs_behind_the_camera_reaches_the_lower_edge()
    {
        var builder = new MeshBuilder();
        builder.Quad(
            builder.Vertex(new(-50, 0, 50), Vec3.UnitY, 0, 0), builder.Vertex(new(50, 0, 50), Vec3.UnitY, 1, 0), builder.Vertex(new(50, 0, -50), Vec3.UnitY, 1, 1), builder.Vertex(new(-50, 0, -50), Vec3.UnitY, 0, 1));
        var ids = Draw(Camera.Look(new(0, 1, 6), new(0, 1, 0), 1, 0, Width, Height), new Body(builder.BuildAsIs(), [White], Transform.Identity, 7, 0)).Ids;

        // The horizon is in the middle; far beyond 56 units there is nothing.
        Assert.All(ids.Take(Width * Height / 2), id => Assert.Equal(0, id));
        Assert.All(ids.Skip(Width * ((Height / 2) + 4)), id => Assert.Equal(7, id));
    }

    [Fact]
    public void What_stands_in_the_light_casts_a_shadow()
    {
        var builder = new MeshBuilder();
        builder.Quad(
            builder.Vertex(new(-5, 0, 5), Vec3.UnitY, 0, 0), builder.Vertex(new(5, 0, 5), Vec3.UnitY, 1, 0), builder.Vertex(new(5, 0, -5), Vec3.UnitY, 1, 1), builder.Vertex(new(-5, 0, -5), Vec3.UnitY, 0, 1));
        var floor = new Body(builder.BuildAsIs(), [White], Transform.Identity, 0, 0);
        var camera = Camera.Look(new(0, 6, 0.1f), default, 0.9f, 0, Width, Height);
        var (lit, shaded) = (Draw(camera, floor).Rgb, Draw(camera, floor, Ball(new(0, 2, 0), 0.5f, 1)).Rgb);

        // Light comes along (1, 1, 0): the shadow of a ball at height 2 lies at x = -2.
        var at = 3 * (((Height / 2) * Width) + (int)((Width / 2) - (camera.Focal * 2 / 6)));
        Assert.True(shaded[at] < 0.7 * lit[at], $"{shaded[at]} in the shadow, {lit[at]} without");
        Assert.InRange(shaded[at + (3 * 100)], lit[at + (3 * 100)] - 3, lit[at + (3 * 100)] + 3);
    }

    private static Body Ball(Vec3 center, float radius, byte id) => new(Shapes.Sphere(96), [White], Transform.Scale(radius, radius, radius).At(center), id, radius);

    private static bool Meets(Vec3 eye, Vec3 ray, Body ball)
    {
        var (d, to) = (ray.Normalized(), ball.Map.Origin - eye);
        var along = Vec3.Dot(d, to);
        return Vec3.Dot(to, to) - (along * along) < ball.Radius * ball.Radius;
    }

    private static (byte[] Rgb, byte[] Ids) Draw(Camera camera, params Body[] bodies)
    {
        var (rgb, ids) = (new byte[Width * Height * 3], new byte[Width * Height]);
        var light = new Lighting(new Vec3(1, 1, 0).Normalized(), new(0.5f, 0.5f, 0.5f), new(0.1f, 0.1f, 0.1f), new(0.1f, 0.1f, 0.1f));
        new FrameRenderer(Width, Height).Draw([new Snapshot(camera, light, bodies, false, 4)], rgb, ids);
        return (rgb, ids);
    }

    private readonly struct Counter(int[] visits) : IPixelVisitor
    {
        public int[] Visits => visits;

        public void Visit(int pixel, float nearness) => visits[pixel]++;
    }
}
