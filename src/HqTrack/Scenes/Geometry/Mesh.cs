namespace HqTrack.Scenes.Geometry;

/// <summary>
/// Triangles, counter-clockwise seen from outside. Centred, with a bounding sphere of radius 1; +z is the front, +y up.
/// Each triangle belongs to a slot, which the object's materials are listed by.
/// </summary>
internal sealed class Mesh
{
    internal Mesh(Vec3[] positions, Vec3[] normals, float[] us, float[] vs, int[] indices, byte[] slots)
    {
        (Positions, Normals, Us, Vs, Indices, Slots) = (positions, normals, us, vs, indices, slots);
        SlotCount = slots.Length == 0 ? 0 : slots.Max() + 1;
    }

    public Vec3[] Positions { get; }

    public Vec3[] Normals { get; }

    public float[] Us { get; }

    public float[] Vs { get; }

    /// <summary>Three per triangle.</summary>
    public int[] Indices { get; }

    /// <summary>One per triangle.</summary>
    public byte[] Slots { get; }

    public int SlotCount { get; }

    /// <summary>The height of the lowest vertex after a map, for standing on the ground.</summary>
    public float Lowest(in Transform map)
    {
        var lowest = float.PositiveInfinity;
        foreach (var p in Positions)
        {
            lowest = Math.Min(lowest, (map.X.Y * p.X) + (map.Y.Y * p.Y) + (map.Z.Y * p.Z));
        }

        return lowest;
    }
}
