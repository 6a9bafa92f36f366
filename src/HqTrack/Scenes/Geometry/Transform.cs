namespace HqTrack.Scenes.Geometry;

/// <summary>An affine map: where the unit axes and the origin go.</summary>
internal readonly struct Transform(Vec3 x, Vec3 y, Vec3 z, Vec3 origin)
{
    public readonly Vec3 X = x;
    public readonly Vec3 Y = y;
    public readonly Vec3 Z = z;
    public readonly Vec3 Origin = origin;

    public static Transform Identity { get; } = new(new(1, 0, 0), new(0, 1, 0), new(0, 0, 1), default);

    public static Transform Scale(float x, float y, float z) => new(new(x, 0, 0), new(0, y, 0), new(0, 0, z), default);

    public static Transform Translation(float x, float y, float z) => new(Identity.X, Identity.Y, Identity.Z, new(x, y, z));

    /// <summary>Turns about a unit axis, counter-clockwise seen from its tip (Rodrigues).</summary>
    public static Transform Rotation(Vec3 axis, double angle)
    {
        var (sin, cos) = PortableMath.SinCos(angle);
        Vec3 Turn(Vec3 v) => (v * (float)cos) + (Vec3.Cross(axis, v) * (float)sin) + (axis * (Vec3.Dot(axis, v) * (float)(1 - cos)));
        return new(Turn(Identity.X), Turn(Identity.Y), Turn(Identity.Z), default);
    }

    /// <summary>Turns about the vertical so that +z points along a horizontal direction.</summary>
    public static Transform Facing(Vec3 heading)
    {
        var z = new Vec3(heading.X, 0, heading.Z);
        var length = z.Length();
        z = length > 1e-6f ? z * (1 / length) : Identity.Z;
        return new(new(z.Z, 0, -z.X), Identity.Y, z, default);
    }

    /// <summary>First b, then a.</summary>
    public static Transform operator *(in Transform a, in Transform b) => new(a.Direction(b.X), a.Direction(b.Y), a.Direction(b.Z), a.Point(b.Origin));

    public Transform At(Vec3 origin) => new(X, Y, Z, origin);

    public Vec3 Point(Vec3 p) => (X * p.X) + (Y * p.Y) + (Z * p.Z) + Origin;

    public Vec3 Direction(Vec3 d) => (X * d.X) + (Y * d.Y) + (Z * d.Z);

    /// <summary>The map of normals, up to length: the matrix of cofactors, which equals the inverse transpose up to scale.</summary>
    public Transform Cofactors() => new(Vec3.Cross(Y, Z), Vec3.Cross(Z, X), Vec3.Cross(X, Y), default);

    /// <summary>A unit normal of the mapped surface.</summary>
    public Vec3 Normal(Vec3 n) => Cofactors().Direction(n).Normalized();
}
