using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Surfaces;

/// <summary>How a surface looks.</summary>
/// <param name="kind">The texture's kind.</param>
/// <param name="paint">The pattern, a pure function.</param>
/// <param name="size">Side of the baked texture, a power of two.</param>
internal sealed class Material(TextureKind kind, Func<float, float, Vec3> paint, int size)
{
    // Baked on first use: most drafts of a scene are thrown away, and not every surface comes into view.
    private readonly Lazy<Texture> texture = new(() => Texture.Bake(size, paint));

    public TextureKind Kind => kind;

    public Texture Texture => texture.Value;

    /// <summary>Times the texture repeats per unit of the mesh's u.</summary>
    public float RepeatU { get; init; } = 1;

    /// <summary>Times the texture repeats per unit of the mesh's v.</summary>
    public float RepeatV { get; init; } = 1;

    /// <summary>Strength of highlight and reflected sky, 0..1.</summary>
    public float Gloss { get; init; }

    /// <summary>The highlight's exponent is 2 to this, 2..8.</summary>
    public int Sharpness { get; init; } = 5;

    /// <summary>False: shown as painted (a sky).</summary>
    public bool IsLit { get; init; } = true;
}
