namespace HqTrack.Scenes.Geometry;

/// <summary>Shapes that toys and training meshes are put together from.</summary>
internal static class Shapes
{
    /// <summary>The unit sphere.</summary>
    public static Mesh Sphere(int detail = 24)
    {
        var builder = new MeshBuilder();
        AddSphere(builder, detail, static _ => 1);
        return builder.Build();
    }

    /// <summary>A sphere whose radius depends on the direction.</summary>
    public static void AddSphere(MeshBuilder builder, int detail, Func<Vec3, float> radius) => builder.Surface(
        detail,
        (detail / 2) + 2,
        (u, v) =>
        {
            var (sin, cos) = PortableMath.SinCos(2 * Math.PI * u);
            var (ring, height) = PortableMath.SinCos(Math.PI * v);
            var direction = new Vec3((float)(ring * sin), (float)-height, (float)(ring * cos));
            return direction * radius(direction);
        },
        2);

    /// <summary>A box with half sides x, y, z and rounded edges: |p|^n = 1 for a power n of 2, 4 or 8, stretched.</summary>
    public static Mesh RoundedBox(int power, int detail = 24)
    {
        var builder = new MeshBuilder();
        AddSphere(builder, detail, d =>
        {
            var (x, y, z) = (d.X * d.X, d.Y * d.Y, d.Z * d.Z);
            if (power >= 4)
            {
                (x, y, z) = (x * x, y * y, z * z);
            }

            if (power >= 8)
            {
                (x, y, z) = (x * x, y * y, z * z);
            }

            var root = MathF.Sqrt(x + y + z);
            root = power >= 4 ? MathF.Sqrt(root) : root;
            root = power >= 8 ? MathF.Sqrt(root) : root;
            return 1 / root;
        });
        return builder.BuildAsIs();
    }

    /// <summary>Six flat sides, half side 1.</summary>
    public static Mesh Box()
    {
        var builder = new MeshBuilder();
        ReadOnlySpan<(Vec3 N, Vec3 U, Vec3 V)> sides =
        [
            (new(1, 0, 0), new(0, 0, -1), new(0, 1, 0)), (new(-1, 0, 0), new(0, 0, 1), new(0, 1, 0)),
            (new(0, 1, 0), new(1, 0, 0), new(0, 0, -1)), (new(0, -1, 0), new(1, 0, 0), new(0, 0, 1)),
            (new(0, 0, 1), new(1, 0, 0), new(0, 1, 0)), (new(0, 0, -1), new(-1, 0, 0), new(0, 1, 0)),
        ];
        foreach (var (n, u, v) in sides)
        {
            builder.Quad(
                builder.Vertex(n - u - v, n, 0, 1), builder.Vertex(n + u - v, n, 1, 1), builder.Vertex(n + u + v, n, 1, 0), builder.Vertex(n - u + v, n, 0, 0));
        }

        return builder.BuildAsIs();
    }

    /// <summary>Along y, radius 1, half height 1; the top may be narrower, edges are rounded by <paramref name="bevel"/>.</summary>
    public static Mesh Cylinder(double top = 1, double bevel = 0.08, int segments = 32)
    {
        var builder = new MeshBuilder();
        builder.Revolve([(0, -1), (1 - bevel, -1), (1, -1 + bevel), (top, 1 - bevel), (top * (1 - bevel), 1), (0, 1)], segments);
        return builder.BuildAsIs();
    }

    /// <summary>A ring about z.</summary>
    /// <param name="builder">Gets the ring.</param>
    /// <param name="thickness">Of the tube; the ring's radius is 1.</param>
    /// <param name="columns">Around the ring.</param>
    /// <param name="rows">Around the tube.</param>
    /// <param name="squash">Height of the tube over its width.</param>
    public static void AddTorus(MeshBuilder builder, double thickness, int columns, int rows, double squash = 1) => builder.Surface(
        columns,
        rows,
        (u, v) =>
        {
            var (sin, cos) = PortableMath.SinCos(2 * Math.PI * u);
            var (high, wide) = PortableMath.SinCos(2 * Math.PI * v);
            var r = 1 + (thickness * wide);
            return new((float)(r * cos), (float)(r * sin), (float)(thickness * squash * high));
        },
        4);

    /// <summary>Points of a star or gear: radius by angle.</summary>
    public static (double X, double Y)[] Outline(int count, Func<int, double> radius, Func<int, double>? angle = null)
    {
        var points = new (double, double)[count];
        for (var i = 0; i < count; i++)
        {
            var (sin, cos) = PortableMath.SinCos(angle?.Invoke(i) ?? (2 * Math.PI * i / count));
            points[i] = (radius(i) * sin, radius(i) * cos);
        }

        return points;
    }

    /// <summary>Adds a part: scaled, turned about x and z, moved.</summary>
    public static void Add(MeshBuilder builder, Mesh part, byte slot, Vec3 at, Vec3 size, double turnX = 0, double turnZ = 0)
    {
        builder.Slot = slot;
        builder.Append(
            part,
            (Transform.Rotation(new(0, 0, 1), turnZ) * Transform.Rotation(new(1, 0, 0), turnX) * Transform.Scale(size.X, size.Y, size.Z)).At(at));
    }
}
