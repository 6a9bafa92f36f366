using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Surfaces;

/// <summary>The demo's patterns: functions of (u, v) in [0, 1)^2 that repeat. Each takes its colours in order of their share.</summary>
internal static class DemoPatterns
{
    /// <summary>A glaze that is nearly one colour.</summary>
    public static Func<float, float, Vec3> Enamel(SceneRandom random, Vec3 color)
    {
        var noise = new Noise(random.Next());
        return (u, v) => color * (0.94f + (0.1f * noise.Fractal(u, v, 3, 3, 3)));
    }

    /// <summary>Floor boards along u with grain, knots and joints.</summary>
    public static Func<float, float, Vec3> Planks(SceneRandom random, Vec3 wood, Vec3 dark, int boards, float soft)
    {
        var noise = new Noise(random.Next());
        return (u, v) =>
        {
            var across = v * boards;
            var board = Noise.Wrap((int)MathF.Floor(across), boards);
            var shift = noise.Cell(board, 101);
            var along = ((u + shift) * 2) - MathF.Floor((u + shift) * 2);
            var plank = (board * 2) + (int)MathF.Floor((u + shift - MathF.Floor(u + shift)) * 2);
            var tone = noise.Cell(plank, 55);

            var bend = 0.035f * noise.Value(u + (0.31f * plank), v, 6, 8);
            var rings = noise.Fractal(u + (0.17f * plank), v + bend, 3, 48, 3);
            var fine = noise.Value(u, v + bend, 24, 256);
            var color = Vec3.Lerp(wood, dark, (0.14f * tone) + (0.62f * PortableMath.SmoothStep(0.42f, 0.75f, rings)) + (0.1f * fine));
            color *= 0.86f + (0.22f * tone);

            var seam = Math.Min(across - MathF.Floor(across), 1 - (across - MathF.Floor(across))) / boards;
            var joint = Math.Min(along, 1 - along) / 2;
            return color * (0.45f + (0.55f * PortableMath.SmoothStep(0.0012f, 0.0022f + soft, Math.Min(seam, joint))));
        };
    }

    /// <summary>Broad soft stripes with a row of leaves on every other one.</summary>
    public static Func<float, float, Vec3> Wallpaper(SceneRandom random, Vec3 ground, Vec3 stripe, Vec3 leaf, float soft)
    {
        var noise = new Noise(random.Next());
        return (u, v) =>
        {
            var x = (u * 4) - MathF.Floor(u * 4);
            var color = Vec3.Lerp(ground, stripe, Edge(MathF.Abs(x - 0.5f), 0.25f, soft * 4));
            var (cx, cy) = (x - 0.5f, (v * 8) - MathF.Floor(v * 8) - 0.5f);
            var tilt = (int)MathF.Floor(v * 8) % 2 == 0 ? 0.6f : -0.6f;
            var (lx, ly) = (cx - (tilt * cy), cy + (tilt * cx));
            color = Vec3.Lerp(color, leaf, Edge((lx * lx / 0.006f) + (ly * ly / 0.11f), 1, 0.25f));
            return color * (0.96f + (0.06f * noise.Fractal(u, v, 8, 8, 2)));
        };
    }

    /// <summary>Staggered dots of two colours.</summary>
    public static Func<float, float, Vec3> Dots(Vec3 ground, Vec3 first, Vec3 second, int count, float radius, float soft) => (u, v) =>
    {
        var y = v * count;
        var row = (int)MathF.Floor(y);
        var x = (u * count) + (row % 2 * 0.5f);
        var (dx, dy) = (x - MathF.Floor(x) - 0.5f, y - MathF.Floor(y) - 0.5f);
        var dot = (row + (int)MathF.Floor(x)) % 2 == 0 ? first : second;
        return Vec3.Lerp(ground, dot, Edge(MathF.Sqrt((dx * dx) + (dy * dy)), radius, soft * count));
    };

    /// <summary>Woven bands.</summary>
    public static Func<float, float, Vec3> Plaid(Vec3 ground, Vec3 band, Vec3 line, int count, float soft) => (u, v) =>
    {
        var (x, y) = ((u * count) - MathF.Floor(u * count), (v * count) - MathF.Floor(v * count));
        var bands = 0.5f * (Edge(MathF.Abs(x - 0.5f), 0.22f, soft * count) + Edge(MathF.Abs(y - 0.5f), 0.22f, soft * count));
        var color = Vec3.Lerp(ground, band, bands);
        var thin = Math.Max(Edge(Math.Min(x, 1 - x), 0.035f, soft * count), Edge(Math.Min(y, 1 - y), 0.035f, soft * count));
        return Vec3.Lerp(color, line, 0.8f * thin);
    };

    /// <summary>Chevrons.</summary>
    public static Func<float, float, Vec3> Zigzag(Vec3 ground, Vec3 first, Vec3 second, int count, float soft) => (u, v) =>
    {
        var teeth = u * count;
        var y = (v * count) + (0.7f * MathF.Abs((teeth - MathF.Floor(teeth)) - 0.5f));
        var band = (int)MathF.Floor(y);
        return Vec3.Lerp(ground, band % 2 == 0 ? first : second, Edge(MathF.Abs(y - band - 0.5f), 0.26f, soft * count));
    };

    /// <summary>Short strokes of all colours, scattered.</summary>
    public static Func<float, float, Vec3> Sprinkles(SceneRandom random, Vec3 ground, IReadOnlyList<Vec3> strokes, int count, float soft)
    {
        var noise = new Noise(random.Next());
        return (u, v) =>
        {
            var (x, y) = (u * count, v * count);
            var color = ground;
            for (var j = (int)MathF.Floor(y) - 1; j <= (int)MathF.Floor(y) + 1; j++)
            {
                for (var i = (int)MathF.Floor(x) - 1; i <= (int)MathF.Floor(x) + 1; i++)
                {
                    var (ci, cj) = (Noise.Wrap(i, count), Noise.Wrap(j, count));
                    var (dx, dy) = (x - i - 0.2f - (0.6f * noise.Cell(ci, cj)), y - j - 0.2f - (0.6f * noise.Cell(ci, cj + 500)));
                    var (ax, ay) = ((noise.Cell(ci, cj + 900) * 2) - 1, (noise.Cell(ci + 900, cj) * 2) - 1);
                    var norm = 1 / MathF.Sqrt((ax * ax) + (ay * ay) + 1e-4f);
                    var along = Math.Clamp(((dx * ax) + (dy * ay)) * norm, -0.26f, 0.26f);
                    var (ox, oy) = (dx - (along * ax * norm), dy - (along * ay * norm));
                    var stroke = strokes[(int)(noise.Cell(ci + 300, cj) * strokes.Count)];
                    color = Vec3.Lerp(color, stroke, Edge(MathF.Sqrt((ox * ox) + (oy * oy)), 0.1f, soft * count));
                }
            }

            return color;
        };
    }

    /// <summary>Bands bent by noise, like hand-marbled paper.</summary>
    public static Func<float, float, Vec3> Swirls(SceneRandom random, Vec3 ground, Vec3 first, Vec3 second, float soft)
    {
        var noise = new Noise(random.Next());
        return (u, v) =>
        {
            var bent = (6 * v) + (3.2f * noise.Fractal(u, v, 3, 3, 2));
            var band = (int)MathF.Floor(bent);
            var f = bent - band;
            var color = band % 3 == 0 ? first : band % 3 == 1 ? ground : second;
            var next = (band + 1) % 3 == 0 ? first : (band + 1) % 3 == 1 ? ground : second;
            return Vec3.Lerp(color, next, PortableMath.SmoothStep(1 - (24 * soft), 1, f));
        };
    }

    /// <summary>1 where the distance is below the radius, 0 beyond, softened by about a texel.</summary>
    internal static float Edge(float distance, float radius, float soft) => 1 - PortableMath.SmoothStep(radius - soft, radius + soft, distance);
}
