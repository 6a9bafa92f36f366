using HqTrack.Scenes;
using HqTrack.Scenes.Geometry;

namespace HqTrack.Tests.Scenes.Geometry;

public sealed class GeometryTests
{
    [Fact]
    public void Portable_functions_agree_with_the_systems()
    {
        for (var i = -4000; i <= 4000; i++)
        {
            var x = i * 0.037;
            var (sin, cos) = PortableMath.SinCos(x);
            Assert.Equal(Math.Sin(x), sin, 1e-12);
            Assert.Equal(Math.Cos(x), cos, 1e-12);
            Assert.Equal(1, PortableMath.Exp(x) / Math.Exp(x), 1e-12);
            Assert.Equal(x, PortableMath.Log(Math.Exp(x)), 1e-10);
        }
    }

    public static TheoryData<string> Kinds => [.. Enum.GetNames<MeshKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Meshes_are_of_unit_size_and_face_outwards(string kind)
    {
        for (var seed = 0UL; seed < 3; seed++)
        {
            var mesh = MeshCatalog.Create(Enum.Parse<MeshKind>(kind), new SceneRandom(seed));
            Assert.Equal(1, mesh.Positions.Max(p => p.Length()), 1e-4);
            Assert.All(mesh.Normals, normal => Assert.Equal(1, normal.Length(), 1e-3));
            Assert.InRange(mesh.Slots.Length, 8, 12000);
            Assert.InRange(mesh.SlotCount, 1, 4);

            // By the divergence theorem: facing outwards, a closed surface has a positive volume, within that of the unit ball times
            // the parts that reach into each other.
            var volume = 0.0;
            for (var i = 0; i < mesh.Indices.Length; i += 3)
            {
                var (a, b, c) = (mesh.Positions[mesh.Indices[i]], mesh.Positions[mesh.Indices[i + 1]], mesh.Positions[mesh.Indices[i + 2]]);
                volume += Vec3.Dot(a, Vec3.Cross(b, c)) / 6;
            }

            Assert.InRange(volume, 0.005, 6);
        }
    }

    [Fact]
    public void A_turned_and_stretched_normal_stays_at_right_angles()
    {
        var map = Transform.Scale(1, 3, 0.5f) * Transform.Rotation(new Vec3(1, 2, 3).Normalized(), 0.8);
        var (normal, along) = (new Vec3(0.6f, 0.8f, 0), new Vec3(-0.8f, 0.6f, 0));
        Assert.Equal(0, Vec3.Dot(map.Normal(normal), map.Direction(along)), 1e-5);
        Assert.Equal(1, map.Normal(normal).Length(), 1e-5);
    }
}
