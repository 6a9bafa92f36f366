using HqTrack.Scenes.Geometry;
using HqTrack.Scenes.Surfaces;

namespace HqTrack.Scenes.Rendering;

/// <summary>One thing in the scene at one moment.</summary>
/// <param name="Mesh">Its shape.</param>
/// <param name="Materials">By the mesh's slots; slots beyond the last take the last.</param>
/// <param name="Map">Where it is.</param>
/// <param name="Id">Its label; 0 for surroundings and things that are not tracked.</param>
/// <param name="Radius">Of its bounding sphere about the map's origin; 0 for floor, walls and sky, which cast no shadow.</param>
internal readonly record struct Body(Mesh Mesh, IReadOnlyList<Material> Materials, Transform Map, byte Id, float Radius)
{
    public bool CastsShadow => Radius > 0;

    public Material Material(int slot) => Materials[Math.Min(slot, Materials.Count - 1)];
}

/// <summary>The light of a scene; colours are linear.</summary>
/// <param name="ToKey">Unit direction towards the key light.</param>
/// <param name="Key">Its colour and strength.</param>
/// <param name="Sky">Ambient light from above.</param>
/// <param name="Ground">Ambient light from below.</param>
/// <param name="Exposure">Factor before the tone curve.</param>
/// <param name="Pool">Radius within which the key light is strong, or 0 for a sun.</param>
internal sealed record Lighting(Vec3 ToKey, Vec3 Key, Vec3 Sky, Vec3 Ground, float Exposure = 1, float Pool = 0);

/// <summary>A scene at one moment.</summary>
internal sealed record Snapshot(Camera Camera, Lighting Light, Body[] Bodies, bool HasFloor, float ShadowRadius);
