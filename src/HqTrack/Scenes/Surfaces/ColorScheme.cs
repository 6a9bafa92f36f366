using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Surfaces;

/// <summary>Colours (0..1 as displayed) that a scene draws from; objects and surroundings share them, so that colour alone tells little.</summary>
internal sealed class ColorScheme
{
    private static readonly uint[][] Chosen =
    [
        [0xD9572B, 0xF0A830, 0x7FA88B, 0x2F6690, 0x8C4A2F, 0xF2E3C6],
        [0xC8553D, 0xE9A15B, 0x588B8B, 0x35506B, 0xA4573A, 0xF6DCC0],
        [0xB83B4B, 0xE8A94A, 0x5E9C76, 0x2C4A63, 0x96523B, 0xF5E4CB],
        [0xE07A4F, 0xF2C078, 0x6A9FA6, 0x3C5A80, 0x9B5B3A, 0xF4EBDA],
        [0x2A8C82, 0xEABF69, 0xE56B51, 0x2B4C5B, 0xA3653F, 0xEFE6D2],
    ];

    private readonly Vec3[] colors;

    private ColorScheme(Vec3[] colors) => this.colors = colors;

    public int Count => colors.Length;

    public Vec3 this[int index] => colors[index % colors.Length];

    /// <summary>The demo's schemes: warm toys on wood, the last but one a brown and the last a cream.</summary>
    public static ColorScheme Warm(SceneRandom random) => new([.. random.Pick(Chosen).Select(Hex)]);

    /// <summary>Any colours: neighbouring hues or spread ones, mostly dull as things are, sometimes vivid.</summary>
    public static ColorScheme Any(SceneRandom random)
    {
        var (hue, spread) = (random.Unit(), random.Chance(0.3f) ? random.Range(0.02f, 0.2f) : 1f);
        var vivid = random.Chance(0.3f) ? 1 : random.Range(0.3f, 0.8f);
        var colors = new Vec3[7];
        for (var i = 0; i < colors.Length; i++)
        {
            colors[i] = Hsl(hue + (spread * random.Range(-0.5f, 0.5f)), vivid * random.Unit(), random.Range(0.1f, 0.92f));
        }

        return new(colors);
    }

    public static Vec3 Hex(uint rgb) => new(((rgb >> 16) & 255) / 255f, ((rgb >> 8) & 255) / 255f, (rgb & 255) / 255f);

    /// <summary>Hue (in turns), saturation, lightness.</summary>
    public static Vec3 Hsl(float hue, float saturation, float lightness)
    {
        var chroma = saturation * Math.Min(lightness, 1 - lightness);
        return new(Channel(0), Channel(8), Channel(4));

        float Channel(int n)
        {
            var k = ((hue * 12) + n) / 12;
            k = (k - MathF.Floor(k)) * 12;
            return lightness - (chroma * Math.Max(-1, Math.Min(Math.Min(k - 3, 9 - k), 1)));
        }
    }

    public static float Luma(Vec3 color) => (0.299f * color.X) + (0.587f * color.Y) + (0.114f * color.Z);

    /// <summary>Towards grey of its own brightness.</summary>
    public static Vec3 Mute(Vec3 color, float share)
    {
        var grey = Luma(color);
        return Vec3.Lerp(color, new(grey, grey, grey), share);
    }
}
