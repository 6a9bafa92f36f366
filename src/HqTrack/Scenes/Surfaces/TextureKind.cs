namespace HqTrack.Scenes.Surfaces;

/// <summary>Patterns of surfaces; each belongs to one library.</summary>
internal enum TextureKind
{
    // Demo.
    Enamel,
    Planks,
    Wallpaper,
    Dots,
    Plaid,
    Zigzag,
    Sprinkles,
    Swirls,

    // Training.
    Solid,
    Stripes,
    Checks,
    Clouds,
    Marble,
    Spots,
    Gradient,
    Bricks,
    Tiles,
    Cells,
    Rings,
    Camouflage,
    Patches,
    Speckle,
    Grain,
}
