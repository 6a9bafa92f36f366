namespace HqTrack.Scenes.Geometry;

/// <summary>The training library's meshes, each of random proportions. Slot 0 carries the main texture, further slots others.</summary>
internal static class TrainingMeshes
{
    public static Mesh Box(SceneRandom random) => Stretched(random, random.Chance(0.5f) ? Shapes.Box() : Shapes.RoundedBox(8, 28), 0.35f);

    public static Mesh Cushion(SceneRandom random) => Stretched(random, Shapes.RoundedBox(4), 0.4f);

    public static Mesh Ellipsoid(SceneRandom random) => Stretched(random, Shapes.Sphere(28), 0.55f);

    public static Mesh Torus(SceneRandom random)
    {
        var builder = new MeshBuilder();
        Shapes.AddTorus(builder, random.Range(0.2f, 0.5f), 36, 14, random.Range(0.6f, 1.4f));
        return builder.Build();
    }

    public static Mesh Capsule(SceneRandom random)
    {
        var builder = new MeshBuilder();
        var half = random.Range(0.5f, 1.6f);
        var profile = new List<(double, double)>();
        for (var i = 0; i <= 14; i++)
        {
            var (sin, cos) = PortableMath.SinCos((Math.PI * i / 14) - (Math.PI / 2));
            profile.Add((Math.Max(0, cos), sin + (i <= 7 ? -half : half)));
            if (i == 7)
            {
                profile.Add((1, half));
            }
        }

        builder.Revolve([.. profile], 28);
        return Turned(random, builder);
    }

    public static Mesh Cylinder(SceneRandom random)
    {
        var builder = new MeshBuilder();
        var half = random.LogRange(0.3f, 2f);
        Shapes.Add(builder, Shapes.Cylinder(1, random.Range(0.02f, 0.15f)), 0, default, new(1, half, 1));
        return Turned(random, builder);
    }

    public static Mesh Cone(SceneRandom random)
    {
        var builder = new MeshBuilder();
        Shapes.Add(builder, Shapes.Cylinder(random.Range(0.02f, 0.6f), 0.05), 0, default, new(1, random.LogRange(0.6f, 1.6f), 1));
        return Turned(random, builder);
    }

    public static Mesh Prism(SceneRandom random)
    {
        var sides = 3 + random.Below(5);
        return Extruded(random, Shapes.Outline(sides, _ => 1), random.LogRange(0.15f, 1.2f));
    }

    public static Mesh Gear(SceneRandom random)
    {
        var (teeth, depth) = (6 + random.Below(8), random.Range(0.65f, 0.88f));
        return Extruded(random, Shapes.Outline(teeth * 4, i => i % 4 < 2 ? 1 : depth), random.Range(0.15f, 0.5f));
    }

    public static Mesh Cross(SceneRandom random)
    {
        var (arm, arms) = (random.Range(0.2f, 0.42f), random.Chance(0.5f) ? 4 : 3);
        var inner = arm / PortableMath.Sin(Math.PI / arms);
        var outer = Math.Sqrt(1 + (arm * arm));
        var step = 2 * Math.PI / arms;
        var open = Math.Min(arm, 0.45 * step);
        return Extruded(
            random,
            Shapes.Outline(arms * 3, i => i % 3 == 0 ? Math.Min(inner, 0.9) : outer, i => (i / 3 * step) + (i % 3 switch { 0 => 0, 1 => (0.5 * step) - open, _ => (0.5 * step) + open })),
            random.Range(0.15f, 0.45f));
    }

    /// <summary>A turned profile: bottles, bowls, chess pieces.</summary>
    public static Mesh Bottle(SceneRandom random)
    {
        var builder = new MeshBuilder();
        var (knots, height) = (3 + random.Below(4), random.LogRange(0.5f, 1.3f));
        var radii = Enumerable.Range(0, knots + 1).Select(_ => random.Range(0.22f, 0.8f)).ToArray();
        var profile = new List<(double, double)> { (0, -height) };
        const int Steps = 22;
        for (var i = 0; i <= Steps; i++)
        {
            var at = Math.Min(i * (knots / (float)Steps), knots - 1e-3f);
            var (k, f) = ((int)at, at - (int)at);
            profile.Add((radii[k] + ((radii[k + 1] - radii[k]) * PortableMath.SmoothStep(0, 1, f)), -height + (2 * height * i / Steps)));
        }

        profile.Add((0, height));
        builder.Revolve([.. profile], 30, 2 + random.Below(3), 1 + random.Below(2));
        return Turned(random, builder);
    }

    /// <summary>A lumpy ball.</summary>
    public static Mesh Pebble(SceneRandom random)
    {
        var waves = Enumerable.Range(0, 5).Select(i => (Axis: random.Direction() * random.Range(1.5f, 4.5f), Phase: random.Range(0, 6.28f), Size: random.Range(0.05f, 0.2f))).ToArray();
        var builder = new MeshBuilder();
        Shapes.AddSphere(builder, 36, d => 1 + (float)waves.Sum(wave => wave.Size * PortableMath.Sin(Vec3.Dot(wave.Axis, d) + wave.Phase)));
        return builder.Build();
    }

    public static Mesh Spring(SceneRandom random)
    {
        var (turns, thickness, rise) = (random.Range(1.5f, 3.5f), random.Range(0.12f, 0.24f), random.Range(0.35f, 0.7f));
        var builder = new MeshBuilder();
        builder.Surface(
            (int)(24 * turns),
            8,
            (u, v) =>
            {
                var (sin, cos) = PortableMath.SinCos(2 * Math.PI * turns * u);
                var (high, wide) = PortableMath.SinCos(2 * Math.PI * v);
                var tube = thickness * Math.Min(1, 12 * Math.Min(u + 0.001, 1.001 - u));
                var r = 1 + (tube * wide);
                return new((float)(r * sin), (float)((turns * rise * (u - 0.5)) + (tube * high)), (float)(r * cos));
            },
            8);
        return Turned(random, builder);
    }

    /// <summary>A body on four legs with neck, head and perhaps ears and a tail.</summary>
    public static Mesh Quadruped(SceneRandom random)
    {
        var builder = new MeshBuilder();
        var ball = Shapes.Sphere(18);
        var (length, girth, leg, neck) = (random.Range(0.6f, 1.1f), random.Range(0.26f, 0.5f), random.Range(0.25f, 0.8f), random.Range(0.1f, 0.7f));
        var head = random.Range(0.2f, 0.34f);
        var (thickness, headSlot, legSlot) = (random.Range(0.08f, 0.16f), (byte)random.Below(2), (byte)random.Below(3));
        Shapes.Add(builder, ball, 0, default, new(girth, girth * random.Range(0.85f, 1.1f), length));
        foreach (var side in (ReadOnlySpan<float>)[-1, 1])
        {
            foreach (var end in (ReadOnlySpan<float>)[-0.62f, 0.62f])
            {
                Shapes.Add(builder, ball, legSlot, new(side * girth * 0.6f, -0.5f * (girth + leg), end * length), new(thickness, (0.5f * leg) + (0.5f * girth), thickness), random.Range(-0.35f, 0.35f));
            }

            Shapes.Add(builder, ball, 1, new(side * head * 0.6f, girth + neck + (head * 0.9f), length * 0.95f), new(head * 0.25f, head * random.Range(0.3f, 0.8f), head * 0.15f), 0, side * -0.4);
        }

        Shapes.Add(builder, ball, 0, new(0, 0.6f * (girth + neck), length * 0.85f), new(girth * 0.5f, 0.3f + (0.6f * neck), girth * 0.5f), 0.5);
        Shapes.Add(builder, ball, headSlot, new(0, girth + neck, length * 1.1f), new(head * 0.8f, head * 0.8f, head * random.Range(1, 1.5f)), 0.3);
        Shapes.Add(builder, ball, (byte)random.Below(2), new(0, girth * 0.5f, -length * 1.1f), new(0.07f, 0.07f, random.Range(0.2f, 0.5f)), random.Range(-0.8f, 0.8f));
        return builder.Build();
    }

    /// <summary>A body with head, arms and legs.</summary>
    public static Mesh Figure(SceneRandom random)
    {
        var builder = new MeshBuilder();
        var (ball, block) = (Shapes.Sphere(18), Shapes.RoundedBox(4, 18));
        var torso = random.Chance(0.5f) ? ball : block;
        var (wide, high, deep) = (random.Range(0.25f, 0.45f), random.Range(0.4f, 0.65f), random.Range(0.18f, 0.35f));
        var (leg, limb, head) = (random.Range(0.4f, 0.9f), random.Range(0.09f, 0.16f), random.Range(0.2f, 0.34f));
        var (lift, stride) = (random.Range(0, 1.6f), random.Range(0, 0.5f));
        Shapes.Add(builder, torso, 0, default, new(wide, high, deep));
        Shapes.Add(builder, ball, 1, new(0, high + (head * 0.8f), 0), new(head * 0.9f, head, head * 0.9f));
        foreach (var side in (ReadOnlySpan<float>)[-1, 1])
        {
            Shapes.Add(builder, ball, 2, new(side * wide * 0.55f, -high - (leg * 0.45f), side * stride * leg * 0.5f), new(limb * 1.2f, leg * 0.65f, limb * 1.2f), side * -stride);
            Shapes.Add(builder, ball, (byte)random.Below(2), new(side * (wide + (0.2f * lift)), high * 0.45f, 0), new(limb, 0.45f, limb), side * stride, side * lift);
        }

        return builder.Build();
    }

    /// <summary>A few blocks, balls and drums grown together.</summary>
    public static Mesh Pile(SceneRandom random)
    {
        var builder = new MeshBuilder();
        Mesh[] parts = [Shapes.Sphere(18), Shapes.Box(), Shapes.Cylinder(segments: 20), Shapes.RoundedBox(8, 20)];
        var (at, size) = (default(Vec3), new Vec3(0.5f, 0.5f, 0.5f));
        var count = 2 + random.Below(4);
        for (var i = 0; i < count; i++)
        {
            var next = new Vec3(random.LogRange(0.18f, 0.6f), random.LogRange(0.18f, 0.6f), random.LogRange(0.18f, 0.6f));
            at = i == 0 ? at : at + (random.Direction() * (size + next) * 0.75f);
            size = next;
            Shapes.Add(builder, random.Pick(parts), (byte)Math.Min(i, 2), at, size, random.Range(-0.5f, 0.5f), random.Range(-0.5f, 0.5f));
        }

        return builder.Build();
    }

    private static Mesh Extruded(SceneRandom random, IReadOnlyList<(double, double)> outline, float halfDepth)
    {
        var builder = new MeshBuilder();
        builder.Extrude(outline, halfDepth, random.Range(0.02f, Math.Min(0.12f, halfDepth * 0.6f)));
        return Turned(random, builder);
    }

    private static Mesh Stretched(SceneRandom random, Mesh shape, float least)
    {
        var builder = new MeshBuilder();
        Shapes.Add(builder, shape, 0, default, new(random.Range(least, 1), random.Range(least, 1), random.Range(least, 1)));
        return builder.Build();
    }

    // Upright, lying or aslant.
    private static Mesh Turned(SceneRandom random, MeshBuilder builder)
    {
        var turned = new MeshBuilder();
        var angle = random.Below(3) switch { 0 => 0, 1 => Math.PI / 2, _ => random.Range(-1.2f, 1.2f) };
        turned.Append(builder.BuildAsIs(), Transform.Rotation(random.Chance(0.5f) ? new(1, 0, 0) : new(0, 0, 1), angle));
        return turned.Build();
    }
}
