using HqTrack.Scenes.Geometry;
using HqTrack.Scenes.Rendering;
using HqTrack.Scenes.Surfaces;

namespace HqTrack.Scenes.Staging;

/// <summary>Surroundings: floors, walls, skies, and the light in them.</summary>
internal static class Sets
{
    public static (IReadOnlyList<Body> Scenery, Lighting Light) Build(StageKind kind, SceneRandom random, Wardrobe wardrobe) => kind switch
    {
        StageKind.Playroom => (Playroom(random, wardrobe), Lamp(random)),
        StageKind.Room => (Room(random, wardrobe), AnyLight(random)),
        StageKind.Field => (Field(random, wardrobe), AnyLight(random)),
        StageKind.Screen => (Screen(random, wardrobe), AnyLight(random)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a stage kind without a set"),
    };

    // Boards, a papered wall with a skirting board, a round rug; all in muted colours of the toys.
    private static Body[] Playroom(SceneRandom random, Wardrobe wardrobe)
    {
        var (scheme, fine) = (wardrobe.Scheme, wardrobe.Detail * 2);
        var wood = Vec3.Lerp(ColorScheme.Hex(0xC08A55), scheme[4], 0.3f);
        var wall = Vec3.Lerp(ColorScheme.Mute(scheme[2 + random.Below(2)], 0.1f), ColorScheme.Hex(0xE9E2D2), 0.42f);
        var stripe = wall * 0.93f;
        var leaf = Vec3.Lerp(wall, scheme[5], 0.5f);
        var cream = Vec3.Lerp(scheme[5], wall, 0.15f);
        var (first, second) = (ColorScheme.Mute(scheme[random.Below(2)], 0.2f), ColorScheme.Mute(scheme[3], 0.2f));
        var rug = random.Pick<TextureKind>([TextureKind.Zigzag, TextureKind.Plaid, TextureKind.Swirls]);
        return
        [
            Solid(Disc(2.75f, 0.02f), wardrobe.Toy(random, rug, Vec3.Lerp(first, cream, 0.25f), first, second, 1.5f, 0, fine)),
            Solid(Plane(new(-14, 0, 8), new(28, 0, 0), new(0, 0, -14), 7, 3.5f), wardrobe.Toy(random, TextureKind.Planks, wood, wood * 0.62f, wood, 1, 0.18f, fine)),
            Solid(Plane(new(-14, 0, -4.2f), new(28, 0, 0), new(0, 9, 0), 9, 3), wardrobe.Toy(random, TextureKind.Wallpaper, wall, stripe, leaf, 1, 0, wardrobe.Detail)),
            Solid(Slab(new(-14, 0, -4.2f), new(14, 0.34f, -4.05f)), wardrobe.Toy(random, TextureKind.Enamel, cream, cream, cream, 1, 0.2f, wardrobe.Detail / 4)),
        ];
    }

    private static List<Body> Room(SceneRandom random, Wardrobe wardrobe)
    {
        var (back, side, high) = (random.Range(-6, -2.5f), random.Range(4, 9), 12f);
        var wall = wardrobe.Any(random, wardrobe.Detail);
        var scenery = new List<Body> { Floor(random, wardrobe), Solid(Plane(new(-30, 0, back), new(60, 0, 0), new(0, high, 0), Repeats(random, 60), Repeats(random, high)), wall) };
        if (random.Chance(0.5f))
        {
            var other = random.Chance(0.5f) ? wall : wardrobe.Any(random, wardrobe.Detail);
            scenery.Add(Solid(Plane(new(-side, 0, 10), new(0, 0, back - 10), new(0, high, 0), 4, 4), other));
            scenery.Add(Solid(Plane(new(side, 0, back), new(0, 0, 10 - back), new(0, high, 0), 4, 4), other));
        }

        return scenery;
    }

    private static Body[] Field(SceneRandom random, Wardrobe wardrobe)
    {
        var builder = new MeshBuilder();
        builder.Surface(
            24,
            2,
            static (u, v) =>
            {
                var (sin, cos) = PortableMath.SinCos(2 * Math.PI * u);
                return new((float)(34 * sin), (float)((50 * v) - 20), (float)(34 * cos));
            },
            1 + random.Below(4),
            random.Range(0.5f, 1.2f),
            flip: true);
        return [Floor(random, wardrobe), Solid(builder.BuildAsIs(), wardrobe.Any(random, wardrobe.Detail, isLit: false))];
    }

    private static Body[] Screen(SceneRandom random, Wardrobe wardrobe)
    {
        var away = random.Range(-8, -3);
        return [Solid(Plane(new(-60, -40, away), new(120, 0, 0), new(0, 80, 0), Repeats(random, 120), Repeats(random, 80)), wardrobe.Any(random, wardrobe.Detail))];
    }

    private static Body Floor(SceneRandom random, Wardrobe wardrobe) =>
        Solid(Plane(new(-34, 0, 34), new(68, 0, 0), new(0, 0, -68), Repeats(random, 68), Repeats(random, 68)), wardrobe.Any(random, wardrobe.Detail));

    // A texture that is between 2 and 10 world units wide.
    private static int Repeats(SceneRandom random, float length) => Math.Max(1, (int)(length / random.LogRange(2, 10)));

    private static Lighting Lamp(SceneRandom random) => new(
        new Vec3(-0.62f + random.Range(-0.12f, 0.12f), 0.95f, 0.6f).Normalized(), new Vec3(1, 0.9f, 0.74f) * 1.75f, new Vec3(0.4f, 0.46f, 0.56f), new(0.3f, 0.22f, 0.16f), 0.72f, 7.5f);

    private static Lighting AnyLight(SceneRandom random)
    {
        var (sin, cos) = PortableMath.SinCos(random.Range(-2.4f, 2.4f));
        var (rise, run) = PortableMath.SinCos(random.Range(0.45f, 1.4f));
        var (warmth, key, ambient) = (random.Range(-0.15f, 0.25f), random.Range(0.5f, 2), random.Range(0.25f, 1.1f));
        return new(
            new((float)(run * sin), (float)rise, (float)(run * cos)),
            new Vec3(1 + (0.5f * warmth), 1, 1 - warmth) * key,
            new Vec3(1 - (0.4f * warmth), 1, 1 + (0.6f * warmth)) * ambient,
            new Vec3(1 + (0.3f * warmth), 1, 1 - (0.3f * warmth)) * (ambient * random.Range(0.3f, 0.9f)),
            random.LogRange(0.8f, 1.5f) / (key + ambient),
            random.Chance(0.3f) ? random.Range(4, 9) : 0);
    }

    private static Body Solid(Mesh mesh, Material material) => new(mesh, [material], Transform.Identity, 0, 0);

    // Seen from where u x v points to.
    private static Mesh Plane(Vec3 corner, Vec3 u, Vec3 v, float repeatU, float repeatV)
    {
        var (builder, normal) = (new MeshBuilder(), Vec3.Cross(u, v).Normalized());
        builder.Quad(
            builder.Vertex(corner, normal, 0, repeatV), builder.Vertex(corner + u, normal, repeatU, repeatV), builder.Vertex(corner + u + v, normal, repeatU, 0), builder.Vertex(corner + v, normal, 0, 0));
        return builder.BuildAsIs();
    }

    private static Mesh Slab(Vec3 low, Vec3 high)
    {
        var builder = new MeshBuilder();
        Shapes.Add(builder, Shapes.Box(), 0, (low + high) * 0.5f, (high - low) * 0.5f);
        return builder.BuildAsIs();
    }

    private static Mesh Disc(float radius, float height)
    {
        const int Segments = 72;
        var builder = new MeshBuilder();
        var center = builder.Vertex(new(0, height, 0), Vec3.UnitY, 0.5f, 0.5f);
        for (var i = 0; i <= Segments; i++)
        {
            var (sin, cos) = PortableMath.SinCos(2 * Math.PI * i / Segments);
            builder.Vertex(new((float)(radius * sin), height, (float)(radius * cos)), Vec3.UnitY, 0.5f + (float)(0.5 * sin), 0.5f + (float)(0.5 * cos));
        }

        for (var i = 0; i < Segments; i++)
        {
            builder.Triangle(center, center + 1 + i, center + 2 + i);
        }

        return builder.BuildAsIs();
    }
}
