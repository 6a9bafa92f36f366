using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Rendering;

/// <summary>A vertex on the screen.</summary>
internal struct Corner
{
    /// <summary>Pixels.</summary>
    public double X;

    /// <summary>Pixels.</summary>
    public double Y;

    /// <summary>1 / distance along the line of sight (parallel: 1 - distance / depth): linear on the screen, larger is nearer.</summary>
    public float Nearness;

    /// <summary>Distance along the line of sight.</summary>
    public float Z;

    public Vec3 World;
    public Vec3 Normal;
    public float U;
    public float V;
}

internal interface ITriangleSink
{
    /// <summary>Whether corners need normals and texture coordinates.</summary>
    static abstract bool IsShaded { get; }

    /// <summary>A triangle that faces the camera, clockwise on the screen.</summary>
    void Add(in ScreenTriangle triangle, in Corner a, in Corner b, in Corner c, int slot);
}

/// <summary>Brings meshes to the screen: maps and projects vertices, clips at the near plane, drops what faces away or lies outside.</summary>
internal sealed class Projector
{
    private Corner[] corners = [];

    public void Project<TSink>(Mesh mesh, in Transform map, in Camera camera, int width, int height, ref TSink sink)
        where TSink : struct, ITriangleSink
    {
        if (corners.Length < mesh.Positions.Length)
        {
            corners = new Corner[mesh.Positions.Length];
        }

        var normals = map.Cofactors();
        for (var i = 0; i < mesh.Positions.Length; i++)
        {
            ref var corner = ref corners[i];
            corner.World = map.Point(mesh.Positions[i]);
            if (TSink.IsShaded)
            {
                corner.Normal = normals.Direction(mesh.Normals[i]).Normalized();
                corner.U = mesh.Us[i];
                corner.V = mesh.Vs[i];
            }

            Place(ref corner, camera);
        }

        var near = camera.Depth > 0 ? float.NegativeInfinity : Camera.Near;
        for (var t = 0; t < mesh.Slots.Length; t++)
        {
            ref var a = ref corners[mesh.Indices[3 * t]];
            ref var b = ref corners[mesh.Indices[(3 * t) + 1]];
            ref var c = ref corners[mesh.Indices[(3 * t) + 2]];
            var behind = (a.Z < near ? 1 : 0) + (b.Z < near ? 1 : 0) + (c.Z < near ? 1 : 0);
            if (behind == 0)
            {
                Emit(a, b, c, mesh.Slots[t], width, height, ref sink);
            }
            else if (behind < 3)
            {
                Clip(a, b, c, mesh.Slots[t], camera, width, height, ref sink);
            }
        }
    }

    private static void Place(ref Corner corner, in Camera camera)
    {
        var d = corner.World - camera.Position;
        corner.Z = Vec3.Dot(d, camera.Forward);
        if (camera.Depth > 0)
        {
            corner.Nearness = 1 - (corner.Z / camera.Depth);
            corner.X = camera.CenterX + (camera.Focal * Vec3.Dot(d, camera.Right));
            corner.Y = camera.CenterY - (camera.Focal * Vec3.Dot(d, camera.Up));
        }
        else if (corner.Z >= Camera.Near)
        {
            corner.Nearness = 1 / corner.Z;
            var scale = (double)camera.Focal / corner.Z;
            corner.X = camera.CenterX + (scale * Vec3.Dot(d, camera.Right));
            corner.Y = camera.CenterY - (scale * Vec3.Dot(d, camera.Up));
        }
    }

    private static void Emit<TSink>(in Corner a, in Corner b, in Corner c, int slot, int width, int height, ref TSink sink)
        where TSink : struct, ITriangleSink
    {
        // Counter-clockwise seen from outside is, with rows going down, a negative area: b and c change places.
        if (ScreenTriangle.TryCreate(a, c, b, width, height, out var triangle))
        {
            sink.Add(triangle, a, c, b, slot);
        }
    }

    // Sutherland-Hodgman against one plane: a triangle or a quadrilateral remains.
    private static void Clip<TSink>(in Corner a, in Corner b, in Corner c, int slot, in Camera camera, int width, int height, ref TSink sink)
        where TSink : struct, ITriangleSink
    {
        Span<Corner> whole = [a, b, c];
        Span<Corner> kept = stackalloc Corner[4];
        var count = 0;
        for (var i = 0; i < 3; i++)
        {
            ref var from = ref whole[i];
            ref var to = ref whole[(i + 1) % 3];
            if (from.Z >= Camera.Near)
            {
                kept[count++] = from;
            }

            if (from.Z >= Camera.Near != to.Z >= Camera.Near)
            {
                // A hair beyond the plane, so that rounding does not put it behind.
                var t = ((Camera.Near * 1.001f) - from.Z) / (to.Z - from.Z);
                var cut = new Corner
                {
                    World = Vec3.Lerp(from.World, to.World, t),
                    Normal = Vec3.Lerp(from.Normal, to.Normal, t),
                    U = from.U + ((to.U - from.U) * t),
                    V = from.V + ((to.V - from.V) * t),
                };
                Place(ref cut, camera);
                if (cut.Z >= Camera.Near)
                {
                    kept[count++] = cut;
                }
            }
        }

        for (var i = 2; i < count; i++)
        {
            Emit(kept[0], kept[i - 1], kept[i], slot, width, height, ref sink);
        }
    }
}
