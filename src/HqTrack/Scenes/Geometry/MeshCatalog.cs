namespace HqTrack.Scenes.Geometry;

/// <summary>Makes a mesh of a kind.</summary>
internal static class MeshCatalog
{
    /// <param name="kind">The kind.</param>
    /// <param name="random">Draws the proportions, where the kind has any to draw.</param>
    public static Mesh Create(MeshKind kind, SceneRandom random) => kind switch
    {
        MeshKind.Duck => Toys.Duck(),
        MeshKind.Car => Toys.Car(),
        MeshKind.Rocket => Toys.Rocket(),
        MeshKind.Bear => Toys.Bear(),
        MeshKind.Donut => Toys.Donut(),
        MeshKind.Star => Toys.Star(),
        MeshKind.Vase => Toys.Vase(),
        MeshKind.Box => TrainingMeshes.Box(random),
        MeshKind.Ellipsoid => TrainingMeshes.Ellipsoid(random),
        MeshKind.Cushion => TrainingMeshes.Cushion(random),
        MeshKind.Torus => TrainingMeshes.Torus(random),
        MeshKind.Capsule => TrainingMeshes.Capsule(random),
        MeshKind.Cylinder => TrainingMeshes.Cylinder(random),
        MeshKind.Cone => TrainingMeshes.Cone(random),
        MeshKind.Prism => TrainingMeshes.Prism(random),
        MeshKind.Gear => TrainingMeshes.Gear(random),
        MeshKind.Cross => TrainingMeshes.Cross(random),
        MeshKind.Bottle => TrainingMeshes.Bottle(random),
        MeshKind.Pebble => TrainingMeshes.Pebble(random),
        MeshKind.Spring => TrainingMeshes.Spring(random),
        MeshKind.Quadruped => TrainingMeshes.Quadruped(random),
        MeshKind.Figure => TrainingMeshes.Figure(random),
        MeshKind.Pile => TrainingMeshes.Pile(random),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a mesh kind without a mesh"),
    };
}
