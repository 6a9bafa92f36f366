namespace HqTrack.Scenes.Geometry;

/// <summary>The demo's meshes. Slot 0 carries the object's texture, the others plain colours; slot 2 is dark.</summary>
internal static class Toys
{
    public static Mesh Duck()
    {
        var builder = new MeshBuilder();
        var ball = Shapes.Sphere();
        Shapes.AddSphere(builder, 36, d =>
        {
            // A tail that rises behind, a full breast.
            var tail = Math.Max(0, -d.Z);
            return 0.8f + (0.32f * tail * tail * tail * (1 + d.Y)) + (0.12f * Math.Max(0, d.Z) * (1 - d.Y));
        });
        Shapes.Add(builder, ball, 0, new(0, 0.86f, 0.46f), new(0.5f, 0.48f, 0.5f));
        foreach (var side in (ReadOnlySpan<float>)[-1, 1])
        {
            Shapes.Add(builder, ball, 0, new(side * 0.76f, 0.08f, -0.12f), new(0.14f, 0.32f, 0.5f), -0.35, side * -0.12);
            Shapes.Add(builder, ball, 2, new(side * 0.23f, 0.99f, 0.86f), new(0.085f, 0.1f, 0.07f));
            Shapes.Add(builder, ball, 3, new(side * 0.25f, 1.02f, 0.915f), new(0.03f, 0.035f, 0.03f));
        }

        Shapes.Add(builder, ball, 1, new(0, 0.85f, 0.98f), new(0.25f, 0.075f, 0.26f), -0.15);
        Shapes.Add(builder, ball, 1, new(0, 0.76f, 0.94f), new(0.2f, 0.06f, 0.2f), 0.12);
        return builder.Build();
    }

    public static Mesh Car()
    {
        var builder = new MeshBuilder();
        var (block, ball, wheel) = (Shapes.RoundedBox(8, 36), Shapes.Sphere(16), Shapes.Cylinder(bevel: 0.25, segments: 28));
        Shapes.Add(builder, block, 0, new(0, 0.05f, 0), new(0.56f, 0.3f, 1.12f));
        Shapes.Add(builder, block, 2, new(0, 0.44f, -0.16f), new(0.47f, 0.3f, 0.58f));
        Shapes.Add(builder, block, 0, new(0, 0.71f, -0.16f), new(0.46f, 0.09f, 0.54f));
        Shapes.Add(builder, block, 1, new(0, -0.12f, 0), new(0.6f, 0.1f, 1.18f));
        foreach (var side in (ReadOnlySpan<float>)[-1, 1])
        {
            foreach (var z in (ReadOnlySpan<float>)[-0.66f, 0.66f])
            {
                Shapes.Add(builder, wheel, 2, new(side * 0.54f, -0.22f, z), new(0.29f, 0.13f, 0.29f), turnZ: Math.PI / 2);
                Shapes.Add(builder, wheel, 1, new(side * 0.6f, -0.22f, z), new(0.15f, 0.1f, 0.15f), turnZ: Math.PI / 2);
            }

            Shapes.Add(builder, ball, 3, new(side * 0.36f, 0.1f, 1.1f), new(0.11f, 0.11f, 0.06f));
        }

        return builder.Build();
    }

    public static Mesh Rocket()
    {
        var builder = new MeshBuilder();
        builder.Revolve([(0, -0.86), (0.34, -0.86), (0.44, -0.5), (0.5, -0.1), (0.47, 0.25), (0.38, 0.55)], 40, 3, 2);
        builder.Slot = 1;
        builder.Revolve([(0.38, 0.55), (0.28, 0.82), (0.15, 1.04), (0.06, 1.16), (0, 1.18)], 40);
        builder.Revolve([(0, -1.02), (0.26, -1.06), (0.32, -0.98), (0.24, -0.86)], 32);
        var fin = new MeshBuilder();
        fin.Extrude([(-0.1, -0.62), (0.34, -0.75), (0.42, -0.45), (0.12, 0.15), (-0.12, 0.3)], 0.06, 0.03);
        var blade = fin.BuildAsIs();
        for (var i = 0; i < 4; i++)
        {
            builder.Append(blade, Transform.Rotation(Vec3.UnitY, (i * Math.PI / 2) + (Math.PI / 4)) * Transform.Translation(0.4f, -0.5f, 0));
        }

        var rim = new MeshBuilder();
        Shapes.AddTorus(rim, 0.24, 28, 10);
        Shapes.Add(builder, rim.BuildAsIs(), 1, new(0, 0.16f, 0.46f), new(0.18f, 0.18f, 0.2f), 0.06);
        Shapes.Add(builder, Shapes.Sphere(16), 3, new(0, 0.16f, 0.44f), new(0.16f, 0.16f, 0.07f));
        return builder.Build();
    }

    public static Mesh Bear()
    {
        var builder = new MeshBuilder();
        var ball = Shapes.Sphere();
        Shapes.Add(builder, ball, 0, new(0, -0.3f, 0), new(0.58f, 0.62f, 0.5f));
        Shapes.Add(builder, ball, 0, new(0, 0.62f, 0.05f), new(0.5f, 0.45f, 0.44f));
        Shapes.Add(builder, ball, 1, new(0, -0.32f, 0.2f), new(0.4f, 0.44f, 0.36f));
        Shapes.Add(builder, ball, 1, new(0, 0.5f, 0.38f), new(0.24f, 0.19f, 0.2f));
        Shapes.Add(builder, ball, 2, new(0, 0.58f, 0.55f), new(0.085f, 0.06f, 0.06f));
        foreach (var side in (ReadOnlySpan<float>)[-1, 1])
        {
            Shapes.Add(builder, ball, 0, new(side * 0.4f, 1.0f, 0), new(0.2f, 0.2f, 0.12f));
            Shapes.Add(builder, ball, 1, new(side * 0.4f, 0.99f, 0.07f), new(0.12f, 0.12f, 0.08f));
            Shapes.Add(builder, ball, 2, new(side * 0.19f, 0.72f, 0.435f), new(0.055f, 0.065f, 0.05f));
            Shapes.Add(builder, ball, 0, new(side * 0.6f, -0.12f, 0.18f), new(0.19f, 0.42f, 0.2f), -0.5, side * 0.6);
            Shapes.Add(builder, ball, 0, new(side * 0.36f, -0.78f, 0.34f), new(0.23f, 0.22f, 0.44f));
            Shapes.Add(builder, ball, 1, new(side * 0.36f, -0.76f, 0.7f), new(0.16f, 0.16f, 0.1f));
        }

        return builder.Build();
    }

    /// <summary>Standing on its edge, so that its hole is seen; the texture is the icing's.</summary>
    public static Mesh Donut()
    {
        var builder = new MeshBuilder { Slot = 1 };
        Shapes.AddTorus(builder, 0.46, 48, 20);
        builder.Slot = 0;
        builder.Surface(
            64,
            14,
            (u, v) =>
            {
                // Over the front half of the tube, with drops that run down its sides.
                var (sin, cos) = PortableMath.SinCos(2 * Math.PI * u);
                var run = 0.16 + (0.2 * PortableMath.Sin(2 * Math.PI * 7 * u)) + (0.1 * PortableMath.Sin(2 * Math.PI * 3 * u + 1));
                var (high, wide) = PortableMath.SinCos(-run + ((Math.PI + (2 * run)) * v));
                var lip = 4 * v * (1 - v);
                var tube = 0.46 + (0.05 * (1 - ((1 - lip) * (1 - lip) * (1 - lip))));
                var r = 1 + (tube * wide);
                return new((float)(r * cos), (float)(r * sin), (float)(tube * high));
            },
            6,
            1.5f);
        return builder.Build();
    }

    public static Mesh Star()
    {
        var builder = new MeshBuilder();
        builder.Extrude(Shapes.Outline(10, i => i % 2 == 0 ? 1 : 0.52), 0.3, 0.12);
        return builder.Build();
    }

    public static Mesh Vase()
    {
        var builder = new MeshBuilder();
        var outside = new List<(double, double)> { (0, -1), (0.36, -1), (0.4, -0.96) };
        for (var i = 1; i <= 18; i++)
        {
            var t = i / 18.0;
            outside.Add((0.42 + (0.3 * PortableMath.Sin(Math.PI * Math.Min(1, t * 1.12))) - (0.2 * t * t) + (0.24 * PortableMath.Pow(t, 9)), -0.96 + (1.94 * t)));
        }

        builder.Revolve([.. outside], 44, 4, 3);
        var (r, y) = outside[^1];
        builder.Slot = 1;
        builder.Revolve([(r, y), (r - 0.03, y + 0.04), (r - 0.08, y)], 44);
        builder.Slot = 2;
        builder.Revolve([(r - 0.08, y), (0.24, y - 0.3), (0.0001, y - 0.5)], 44);
        return builder.Build();
    }
}
