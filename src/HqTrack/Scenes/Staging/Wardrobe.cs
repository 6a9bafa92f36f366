using HqTrack.Scenes.Geometry;
using HqTrack.Scenes.Surfaces;

namespace HqTrack.Scenes.Staging;

/// <summary>Dresses meshes: which patterns in which colours.</summary>
/// <param name="library">Where patterns are taken from.</param>
/// <param name="scheme">The scene's colours.</param>
/// <param name="detail">Side of the main textures, a power of two.</param>
internal sealed class Wardrobe(SceneLibrary library, ColorScheme scheme, int detail)
{
    private static readonly Vec3 Dark = ColorScheme.Hex(0x2B2622);
    private static readonly Vec3 Cream = ColorScheme.Hex(0xF3EAD8);
    private static readonly Vec3 Dough = ColorScheme.Hex(0xC98F52);

    private const float SidedShare = 0.35f;

    // Of a demo scheme's six colours; then come a brown, which bears wear, and a cream. Ducks are yellow.
    private const int MainColors = 4;
    private const int Yellow = 1;
    private const int Brown = 4;

    public ColorScheme Scheme => scheme;

    public int Detail => detail;

    /// <summary>Materials of an object or prop by slot.</summary>
    /// <param name="random">Draws patterns and colours.</param>
    /// <param name="kind">Of the mesh.</param>
    /// <param name="number">Of the object, so that the demo's objects take different main colours.</param>
    public IReadOnlyList<Material> Dress(SceneRandom random, MeshKind kind, int number) =>
        library == SceneLibrary.Demo ? DressToy(random, kind, number) : [Main(random, detail / 2), Any(random, detail / 4), Any(random, detail / 4)];

    /// <summary>A demo pattern in given colours.</summary>
    public Material Toy(SceneRandom random, TextureKind kind, Vec3 main, Vec3 second, Vec3 third, float repeat = 1, float gloss = 0.35f, int size = 0)
    {
        size = size > 0 ? size : detail;
        var soft = 1.5f / size;
        var paint = kind switch
        {
            TextureKind.Planks => DemoPatterns.Planks(random, main, second, 8, soft),
            TextureKind.Wallpaper => DemoPatterns.Wallpaper(random, main, second, third, soft),
            TextureKind.Dots => DemoPatterns.Dots(main, second, third, 6, 0.27f, soft),
            TextureKind.Plaid => DemoPatterns.Plaid(main, second, third, 4, soft),
            TextureKind.Zigzag => DemoPatterns.Zigzag(main, second, third, 4, soft),
            TextureKind.Sprinkles => DemoPatterns.Sprinkles(random, main, [second, third, Cream, scheme[0], scheme[1], scheme[3]], 7, soft),
            TextureKind.Swirls => DemoPatterns.Swirls(random, main, second, third, soft),
            _ => DemoPatterns.Enamel(random, main),
        };
        return new(kind, paint, size) { RepeatU = repeat, RepeatV = repeat, Gloss = gloss, Sharpness = 5 };
    }

    /// <summary>Any of the training library's patterns in any of the scheme's colours.</summary>
    public Material Any(SceneRandom random, int size, bool isLit = true)
    {
        var (kind, paint) = Pattern(random, size);
        var repeat = random.Below(3) + 1;
        return new(kind, paint, size)
        {
            RepeatU = repeat,
            RepeatV = random.Chance(0.5f) ? repeat : 1 + random.Below(3),
            Gloss = Gloss(random),
            Sharpness = 3 + random.Below(5),
            IsLit = isLit,
        };
    }

    private static float Gloss(SceneRandom random) => random.Chance(0.5f) ? 0 : random.Range(0.1f, 0.9f);

    private (TextureKind Kind, Func<float, float, Vec3> Paint) Pattern(SceneRandom random, int size)
    {
        var kind = random.Pick(library.Textures);
        var colors = random.Shuffled(Enumerable.Range(0, scheme.Count).Select(i => scheme[i]));
        if (random.Chance(0.3f))
        {
            // Low contrast.
            var share = random.Range(0.4f, 0.8f);
            colors = [colors[0], .. colors.Skip(1).Select(color => Vec3.Lerp(color, colors[0], share))];
        }

        return (kind, new TrainingPatterns(random, colors, 1.5f / size).Create(kind));
    }

    // Many things look different behind or below, which shows when they turn.
    private Material Main(SceneRandom random, int size)
    {
        if (!random.Chance(SidedShare))
        {
            return Any(random, size);
        }

        var ((kind, front), (_, back)) = (Pattern(random, size), Pattern(random, size));
        var (alongU, shift) = (random.Chance(0.5f), random.Unit());
        Vec3 Sided(float u, float v)
        {
            var x = (alongU ? u : v) + shift;
            return x - MathF.Floor(x) < 0.5f ? front(u, v) : back(u, v);
        }

        return new(kind, Sided, size) { Gloss = Gloss(random), Sharpness = 3 + random.Below(5) };
    }

    private Material[] DressToy(SceneRandom random, MeshKind kind, int number)
    {
        var (first, other) = (number % MainColors, (number + 1 + random.Below(MainColors - 1)) % MainColors);
        var main = scheme[kind switch { MeshKind.Bear => Brown, MeshKind.Duck => Yellow, _ => first }];
        var second = scheme[kind == MeshKind.Duck && other == Yellow ? 0 : other];
        var texture = random.Pick<TextureKind>(kind switch
        {
            MeshKind.Duck => [TextureKind.Enamel, TextureKind.Dots],
            MeshKind.Car => [TextureKind.Enamel, TextureKind.Plaid],
            MeshKind.Rocket => [TextureKind.Zigzag, TextureKind.Plaid, TextureKind.Dots],
            MeshKind.Bear => [TextureKind.Enamel, TextureKind.Plaid, TextureKind.Swirls],
            MeshKind.Donut => [TextureKind.Sprinkles],
            MeshKind.Star => [TextureKind.Dots, TextureKind.Enamel, TextureKind.Swirls],
            _ => [TextureKind.Zigzag, TextureKind.Swirls, TextureKind.Dots],
        });
        var soft = kind == MeshKind.Bear;
        var accent = kind == MeshKind.Donut ? Dough : second;
        return
        [
            Toy(random, texture, main, texture == TextureKind.Enamel ? main : Cream, second, 1, soft ? 0.05f : 0.4f),
            Toy(random, TextureKind.Enamel, accent, accent, accent, 1, soft ? 0.05f : 0.3f, detail / 4),
            Toy(random, TextureKind.Enamel, Dark, Dark, Dark, 1, 0.5f, detail / 8),
            Toy(random, TextureKind.Enamel, Cream, Cream, Cream, 1, 0.7f, detail / 8),
        ];
    }
}
