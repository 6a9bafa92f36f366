using HqTrack.Scenes.Geometry;
using HqTrack.Scenes.Staging;
using HqTrack.Scenes.Surfaces;

namespace HqTrack.Scenes;

/// <summary>
/// What scenes are made of. The two libraries share no shape, pattern, motion, camera path, surroundings or seed, so that a model trained
/// on one is judged on things it has not seen in the other.
/// </summary>
public sealed class SceneLibrary
{
    /// <summary>The first seed of training scenes; the demo's lie below.</summary>
    public const long FirstTrainingSeed = 1_000_000;

    private SceneLibrary()
    {
    }

    /// <summary>Toys in a playroom: the demo and the tests of trackers. Seeds 0 to 999,999.</summary>
    public static SceneLibrary Demo { get; } = new()
    {
        Name = "demo",
        FirstSeed = 0,
        LastSeed = FirstTrainingSeed - 1,
        Meshes = [MeshKind.Duck, MeshKind.Car, MeshKind.Rocket, MeshKind.Bear, MeshKind.Donut, MeshKind.Star, MeshKind.Vase],
        Textures =
        [
            TextureKind.Enamel, TextureKind.Planks, TextureKind.Wallpaper, TextureKind.Dots, TextureKind.Plaid, TextureKind.Zigzag, TextureKind.Sprinkles,
            TextureKind.Swirls,
        ],
        Motions = [MotionKind.Circuit, MotionKind.Eight, MotionKind.Hops],
        Cameras = [CameraKind.Arc],
        Stages = [StageKind.Playroom],
    };

    /// <summary>Shapes, patterns and motions of many kinds and of widely random looks, for training clips. Seeds from 1,000,000.</summary>
    public static SceneLibrary Training { get; } = new()
    {
        Name = "training",
        FirstSeed = FirstTrainingSeed,
        LastSeed = long.MaxValue,
        Meshes =
        [
            MeshKind.Box, MeshKind.Ellipsoid, MeshKind.Cushion, MeshKind.Torus, MeshKind.Capsule, MeshKind.Cylinder, MeshKind.Cone, MeshKind.Prism, MeshKind.Gear,
            MeshKind.Cross, MeshKind.Bottle, MeshKind.Pebble, MeshKind.Spring, MeshKind.Quadruped, MeshKind.Figure, MeshKind.Pile,
        ],
        Textures =
        [
            TextureKind.Solid, TextureKind.Stripes, TextureKind.Checks, TextureKind.Clouds, TextureKind.Marble, TextureKind.Spots, TextureKind.Gradient,
            TextureKind.Bricks, TextureKind.Tiles, TextureKind.Cells, TextureKind.Rings, TextureKind.Camouflage, TextureKind.Patches, TextureKind.Speckle,
            TextureKind.Grain,
        ],
        Motions =
        [
            MotionKind.Rest, MotionKind.Spin, MotionKind.Glide, MotionKind.Bounce, MotionKind.Drift, MotionKind.Roll, MotionKind.Swing, MotionKind.Tumble,
            MotionKind.Dart,
        ],
        Cameras = [CameraKind.Fixed, CameraKind.Pan, CameraKind.HandHeld, CameraKind.Dolly, CameraKind.Crane],
        Stages = [StageKind.Room, StageKind.Field, StageKind.Screen],
    };

    /// <summary>"demo" or "training".</summary>
    public string Name { get; private init; } = "";

    /// <summary>The lowest seed.</summary>
    public long FirstSeed { get; private init; }

    /// <summary>The highest seed.</summary>
    public long LastSeed { get; private init; }

    internal IReadOnlyList<MeshKind> Meshes { get; private init; } = [];

    internal IReadOnlyList<TextureKind> Textures { get; private init; } = [];

    internal IReadOnlyList<MotionKind> Motions { get; private init; } = [];

    internal IReadOnlyList<CameraKind> Cameras { get; private init; } = [];

    internal IReadOnlyList<StageKind> Stages { get; private init; } = [];
}
