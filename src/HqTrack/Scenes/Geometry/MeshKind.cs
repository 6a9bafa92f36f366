namespace HqTrack.Scenes.Geometry;

/// <summary>The shapes that objects and props are made in; each belongs to one library.</summary>
internal enum MeshKind
{
    // Demo: toys.
    Duck,
    Car,
    Rocket,
    Bear,
    Donut,
    Star,
    Vase,

    // Training.
    Box,
    Ellipsoid,
    Cushion,
    Torus,
    Capsule,
    Cylinder,
    Cone,
    Prism,
    Gear,
    Cross,
    Bottle,
    Pebble,
    Spring,
    Quadruped,
    Figure,
    Pile,
}
