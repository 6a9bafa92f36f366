namespace HqTrack.Scenes.Geometry;

/// <summary>Puts a mesh together from parametric surfaces, surfaces of revolution, prisms and other meshes.</summary>
internal sealed class MeshBuilder
{
    private readonly List<Vec3> positions = [];
    private readonly List<Vec3> normals = [];
    private readonly List<float> us = [];
    private readonly List<float> vs = [];
    private readonly List<int> indices = [];
    private readonly List<byte> slots = [];

    /// <summary>The slot of triangles added from now on.</summary>
    public byte Slot { get; set; }

    public int Vertex(Vec3 position, Vec3 normal, float u, float v)
    {
        positions.Add(position);
        normals.Add(normal);
        us.Add(u);
        vs.Add(v);
        return positions.Count - 1;
    }

    /// <summary>In either order: the winding follows the vertices' normals. Triangles without area are left out.</summary>
    public void Triangle(int a, int b, int c)
    {
        var face = Vec3.Cross(positions[b] - positions[a], positions[c] - positions[a]);
        if (Vec3.Dot(face, face) < 1e-14f)
        {
            return;
        }

        indices.AddRange(Vec3.Dot(face, normals[a] + normals[b] + normals[c]) >= 0 ? [a, b, c] : [a, c, b]);
        slots.Add(Slot);
    }

    public void Quad(int a, int b, int c, int d)
    {
        Triangle(a, b, c);
        Triangle(a, c, d);
    }

    /// <summary>A smooth surface over (u, v) in [0, 1]^2, <paramref name="at"/>(u, v). Normals point along dP/du x dP/dv, or against it where inward.</summary>
    public void Surface(int columns, int rows, Func<double, double, Vec3> at, float repeatU = 1, float repeatV = 1, bool flip = false)
    {
        var first = positions.Count;
        var (du, dv) = (0.2 / columns, 0.2 / rows);
        for (var j = 0; j <= rows; j++)
        {
            for (var i = 0; i <= columns; i++)
            {
                var (u, v) = ((double)i / columns, (double)j / rows);

                // At a pole dP/du vanishes; the normal a little beside it is as good.
                var inner = Math.Clamp(v, dv, 1 - dv);
                var normal = Vec3.Cross(at(u + du, inner) - at(u - du, inner), at(u, inner + dv) - at(u, inner - dv)).Normalized();
                Vertex(at(u, v), flip ? -normal : normal, (float)u * repeatU, (float)v * repeatV);
            }
        }

        for (var j = 0; j < rows; j++)
        {
            for (var i = 0; i < columns; i++)
            {
                var a = first + (j * (columns + 1)) + i;
                Quad(a, a + 1, a + columns + 2, a + columns + 1);
            }
        }
    }

    /// <summary>Turns a profile of (radius, height) about the y axis, listed with the outside on its right (upwards); corners over 40 degrees stay sharp.</summary>
    public void Revolve(ReadOnlySpan<(double R, double Y)> profile, int segments, float repeatU = 2, float repeatV = 1)
    {
        var count = profile.Length - 1;
        var (nr, ny) = (new double[count], new double[count]);
        var along = new double[count + 1];
        for (var i = 0; i < count; i++)
        {
            var (dr, dy) = (profile[i + 1].R - profile[i].R, profile[i + 1].Y - profile[i].Y);
            var length = Math.Sqrt((dr * dr) + (dy * dy));
            (nr[i], ny[i]) = (dy / length, -dr / length);
            along[i + 1] = along[i] + length;
        }

        for (var i = 0; i < count; i++)
        {
            var below = Ring(profile[i], Blend(i, i - 1), along[i]);
            var above = Ring(profile[i + 1], Blend(i, i + 1), along[i + 1]);
            for (var k = 0; k < segments; k++)
            {
                Quad(below + k, below + k + 1, above + k + 1, above + k);
            }
        }

        (double R, double Y) Blend(int own, int other)
        {
            if (other < 0 || other >= count || (nr[own] * nr[other]) + (ny[own] * ny[other]) < 0.77)
            {
                return (nr[own], ny[own]);
            }

            return (nr[own] + nr[other], ny[own] + ny[other]);
        }

        int Ring((double R, double Y) point, (double R, double Y) normal, double arc)
        {
            var first = positions.Count;
            for (var k = 0; k <= segments; k++)
            {
                var (sin, cos) = PortableMath.SinCos(2 * Math.PI * k / segments);
                Vertex(
                    new((float)(point.R * sin), (float)point.Y, (float)(point.R * cos)),
                    new Vec3((float)(normal.R * sin), (float)normal.Y, (float)(normal.R * cos)).Normalized(),
                    repeatU * k / segments,
                    (float)(repeatV * arc / along[count]));
            }

            return first;
        }
    }

    /// <summary>A prism along z over an outline that every point of it sees the origin of (star-shaped), with bevelled edges.</summary>
    public void Extrude(IReadOnlyList<(double X, double Y)> outline, double halfDepth, double bevel)
    {
        var count = outline.Count;
        foreach (var side in (ReadOnlySpan<int>)[1, -1])
        {
            var normal = new Vec3(0, 0, side);
            var center = Vertex(new(0, 0, (float)(side * halfDepth)), normal, 0.5f, 0.5f);
            var rim = outline.Select(p => Vertex(At(p, 1 - bevel, side * halfDepth), normal, 0.5f + (0.5f * (float)p.X), 0.5f - (0.5f * (float)p.Y))).ToArray();
            for (var i = 0; i < count; i++)
            {
                Triangle(center, rim[i], rim[(i + 1) % count]);
            }
        }

        var arc = 0.0;
        for (var i = 0; i < count; i++)
        {
            var (a, b) = (outline[i], outline[(i + 1) % count]);
            var (dx, dy) = (b.X - a.X, b.Y - a.Y);
            var length = Math.Sqrt((dx * dx) + (dy * dy));
            var outward = new Vec3((float)(dy / length), (float)(-dx / length), 0);
            if ((outward.X * (a.X + b.X)) + (outward.Y * (a.Y + b.Y)) < 0)
            {
                outward = -outward;
            }

            var inner = halfDepth - bevel;
            Band(a, b, 1, inner, 1, -inner, outward);
            Band(a, b, 1 - bevel, halfDepth, 1, inner, (outward + new Vec3(0, 0, 1)).Normalized());
            Band(a, b, 1, -inner, 1 - bevel, -halfDepth, (outward - new Vec3(0, 0, 1)).Normalized());
            arc += length;

            void Band((double X, double Y) from, (double X, double Y) to, double scale0, double z0, double scale1, double z1, Vec3 normal)
            {
                var (u0, u1) = ((float)(0.5 * arc), (float)(0.5 * (arc + length)));
                Quad(
                    Vertex(At(from, scale0, z0), normal, u0, (float)z0),
                    Vertex(At(to, scale0, z0), normal, u1, (float)z0),
                    Vertex(At(to, scale1, z1), normal, u1, (float)z1),
                    Vertex(At(from, scale1, z1), normal, u0, (float)z1));
            }
        }

        static Vec3 At((double X, double Y) p, double scale, double z) => new((float)(p.X * scale), (float)(p.Y * scale), (float)z);
    }

    /// <summary>Adds a mesh, mapped; all of it goes to the current slot.</summary>
    public void Append(Mesh part, in Transform map)
    {
        var first = positions.Count;
        for (var i = 0; i < part.Positions.Length; i++)
        {
            Vertex(map.Point(part.Positions[i]), map.Normal(part.Normals[i]), part.Us[i], part.Vs[i]);
        }

        for (var i = 0; i < part.Indices.Length; i += 3)
        {
            Triangle(first + part.Indices[i], first + part.Indices[i + 1], first + part.Indices[i + 2]);
        }
    }

    /// <summary>The mesh as it was put together, without centring: scenery.</summary>
    public Mesh BuildAsIs() => new([.. positions], [.. normals], [.. us], [.. vs], [.. indices], [.. slots]);

    /// <summary>The mesh, centred and scaled to a bounding sphere of radius 1.</summary>
    public Mesh Build()
    {
        var (low, high) = (positions[0], positions[0]);
        foreach (var p in positions)
        {
            low = new(Math.Min(low.X, p.X), Math.Min(low.Y, p.Y), Math.Min(low.Z, p.Z));
            high = new(Math.Max(high.X, p.X), Math.Max(high.Y, p.Y), Math.Max(high.Z, p.Z));
        }

        var center = (low + high) * 0.5f;
        var radius = positions.Max(p => (p - center).Length());
        for (var i = 0; i < positions.Count; i++)
        {
            positions[i] = (positions[i] - center) * (1 / radius);
        }

        return BuildAsIs();
    }
}
