using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Surfaces;

/// <summary>The training library's patterns, each of random scale, direction and strength.</summary>
/// <param name="random">Draws the parameters.</param>
/// <param name="colors">Colours in order of their share, at least three.</param>
/// <param name="soft">About one and a half texels, in units of (u, v).</param>
internal sealed class TrainingPatterns(SceneRandom random, IReadOnlyList<Vec3> colors, float soft)
{
    private readonly Noise noise = new(random.Next());

    public Func<float, float, Vec3> Create(TextureKind kind) => kind switch
    {
        TextureKind.Solid => Solid(),
        TextureKind.Stripes => Stripes(),
        TextureKind.Checks => Checks(),
        TextureKind.Clouds => Clouds(),
        TextureKind.Marble => Marble(),
        TextureKind.Spots => Spots(),
        TextureKind.Gradient => Gradient(),
        TextureKind.Bricks => Bricks(),
        TextureKind.Tiles => Tiles(),
        TextureKind.Cells => Cells(),
        TextureKind.Rings => Rings(),
        TextureKind.Camouflage => Camouflage(),
        TextureKind.Patches => Patches(),
        TextureKind.Speckle => Speckle(),
        TextureKind.Grain => Grain(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a texture kind without a pattern"),
    };

    private Func<float, float, Vec3> Solid()
    {
        var rough = random.Range(0, 0.15f);
        return (u, v) => colors[0] * (1 + (rough * (noise.Value(u, v, 8, 8) - 0.5f)));
    }

    // Whole numbers of waves along u and v, so that slanted stripes repeat.
    private Func<float, float, Vec3> Stripes()
    {
        var (nu, nv) = (random.Below(5), random.Below(5));
        nu = nu + nv == 0 ? 3 : nu;
        var (share, third) = (random.Range(0.15f, 0.35f), random.Chance(0.4f));
        return (u, v) =>
        {
            var x = (u * nu) + (v * nv);
            var f = MathF.Abs(x - MathF.Floor(x) - 0.5f);
            var color = Vec3.Lerp(colors[0], colors[1], DemoPatterns.Edge(f, share, soft * (nu + nv)));
            return third ? Vec3.Lerp(color, colors[2], DemoPatterns.Edge(f, share * 0.3f, soft * (nu + nv))) : color;
        };
    }

    private Func<float, float, Vec3> Checks()
    {
        var (nu, nv) = (2 * (1 + random.Below(4)), 2 * (1 + random.Below(4)));
        return (u, v) => (((int)MathF.Floor(u * nu) + (int)MathF.Floor(v * nv)) & 1) == 0 ? colors[0] : colors[1];
    }

    private Func<float, float, Vec3> Clouds()
    {
        var (cells, octaves) = (2 + random.Below(4), 2 + random.Below(3));
        return (u, v) => Blend((noise.Fractal(u, v, cells, cells, octaves) * 2.2f) - 0.6f);
    }

    private Func<float, float, Vec3> Marble()
    {
        var (cells, waves, strength) = (2 + random.Below(3), 1 + random.Below(4), random.Range(1, 3));
        return (u, v) =>
        {
            var x = (v * waves) + (strength * noise.Fractal(u, v, cells, cells, 4));
            var vein = MathF.Abs((2 * (x - MathF.Floor(x))) - 1);
            return Vec3.Lerp(colors[1], colors[0], PortableMath.SmoothStep(0, 0.6f, vein));
        };
    }

    private Func<float, float, Vec3> Spots()
    {
        var (cells, radius, vary) = (3 + random.Below(6), random.Range(0.2f, 0.45f), random.Range(0, 0.7f));
        return (u, v) =>
        {
            var (nearest, _, id) = noise.Worley(u, v, cells);
            return Vec3.Lerp(colors[0], id < 0.5f ? colors[1] : colors[2], DemoPatterns.Edge(nearest, radius * (1 - (vary * id)), soft * cells));
        };
    }

    private Func<float, float, Vec3> Gradient()
    {
        var rough = random.Range(0, 0.3f);
        return (u, v) => Blend((1 - MathF.Abs((2 * v) - 1)) + (rough * (noise.Fractal(u, v, 4, 4, 3) - 0.5f)));
    }

    private Func<float, float, Vec3> Bricks()
    {
        var (rows, columns, joint) = (2 * (2 + random.Below(4)), 2 + random.Below(4), random.Range(0.03f, 0.1f));
        return (u, v) =>
        {
            var row = (int)MathF.Floor(v * rows);
            var x = (u * columns) + (row % 2 * 0.5f);
            var (fx, fy) = (x - MathF.Floor(x), (v * rows) - row);
            var tone = noise.Cell(Noise.Wrap((int)MathF.Floor(x), columns), row);
            var edge = Math.Min(Math.Min(fx, 1 - fx) * rows / columns, Math.Min(fy, 1 - fy));
            var brick = Vec3.Lerp(colors[0], colors[2], 0.5f * tone) * (0.8f + (0.3f * noise.Fractal(u, v, 16, 16, 2)));
            return Vec3.Lerp(brick, colors[1], DemoPatterns.Edge(edge, joint, soft * rows));
        };
    }

    private Func<float, float, Vec3> Tiles()
    {
        var (count, joint) = (2 + random.Below(5), random.Range(0.01f, 0.06f));
        return (u, v) =>
        {
            var (x, y) = ((u * count) - MathF.Floor(u * count), (v * count) - MathF.Floor(v * count));
            var edge = Math.Min(Math.Min(x, 1 - x), Math.Min(y, 1 - y));
            return Vec3.Lerp(colors[0] * (0.85f + (0.25f * noise.Cell((int)(u * count), (int)(v * count)))), colors[1], DemoPatterns.Edge(edge, joint, soft * count));
        };
    }

    private Func<float, float, Vec3> Cells()
    {
        var (cells, joint) = (3 + random.Below(6), random.Range(0, 0.12f));
        return (u, v) =>
        {
            var (nearest, second, id) = noise.Worley(u, v, cells);
            return Vec3.Lerp(colors[(int)(id * colors.Count)], colors[0] * 0.4f, joint > 0.03f ? DemoPatterns.Edge(second - nearest, joint, soft * cells) : 0);
        };
    }

    private Func<float, float, Vec3> Rings()
    {
        var (count, wobble) = (random.Range(3, 9), random.Range(0, 0.3f));
        return (u, v) =>
        {
            var (dx, dy) = (u - 0.5f, v - 0.5f);
            var x = (count * MathF.Sqrt((dx * dx) + (dy * dy))) + (wobble * noise.Fractal(u, v, 4, 4, 2));
            return Vec3.Lerp(colors[0], colors[1], DemoPatterns.Edge(MathF.Abs(x - MathF.Floor(x) - 0.5f), 0.25f, soft * count));
        };
    }

    private Func<float, float, Vec3> Camouflage()
    {
        var cells = 3 + random.Below(4);
        return (u, v) =>
        {
            var (first, second) = (noise.Fractal(u, v, cells, cells, 2), noise.Fractal(v + 0.3f, u + 0.7f, cells, cells, 2));
            return first > 0.58f ? colors[1] : second > 0.56f ? colors[2] : second < 0.36f ? colors[1] * 0.5f : colors[0];
        };
    }

    // Rectangles one over the other, like posters, windows, print.
    private Func<float, float, Vec3> Patches()
    {
        var patches = Enumerable.Range(0, 6 + random.Below(12))
            .Select(_ => (X: random.Unit(), Y: random.Unit(), W: random.LogRange(0.04f, 0.3f), H: random.LogRange(0.04f, 0.3f), Color: random.Pick(colors) * random.Range(0.6f, 1.2f)))
            .ToArray();
        return (u, v) =>
        {
            var color = colors[0];
            foreach (var patch in patches)
            {
                var (dx, dy) = (u - patch.X, v - patch.Y);
                if (MathF.Abs(dx - MathF.Floor(dx + 0.5f)) < patch.W && MathF.Abs(dy - MathF.Floor(dy + 0.5f)) < patch.H)
                {
                    color = patch.Color;
                }
            }

            return color;
        };
    }

    private Func<float, float, Vec3> Speckle()
    {
        var (cells, share) = (24 << random.Below(2), random.Range(0.1f, 0.5f));
        return (u, v) =>
        {
            var value = noise.Value(u, v, cells, cells);
            return Vec3.Lerp(colors[0], value > 0.5f ? colors[1] : colors[2], share * MathF.Abs((2 * value) - 1) * 2);
        };
    }

    private Func<float, float, Vec3> Grain()
    {
        var (along, across, bend) = (1 + random.Below(3), 12 + random.Below(24), random.Range(0, 0.12f));
        return (u, v) => Blend((1.6f * noise.Fractal(u, v + (bend * noise.Value(u, v, 3, 3)), along, across, 3)) - 0.3f);
    }

    private Vec3 Blend(float t) => Vec3.Lerp(colors[0], colors[1], Math.Clamp(t, 0, 1));
}
