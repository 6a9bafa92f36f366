using HqTrack.Scenes.Geometry;
using HqTrack.Scenes.Rendering;
using HqTrack.Scenes.Surfaces;

namespace HqTrack.Scenes.Staging;

/// <summary>Something that stands or moves in a scene.</summary>
/// <param name="Kind">Of the mesh.</param>
/// <param name="Mesh">Its shape, of bounding radius 1.</param>
/// <param name="Materials">By slot.</param>
/// <param name="Size">Bounding radius, world units.</param>
/// <param name="Motion">Its way.</param>
/// <param name="Anchor">What the way is relative to.</param>
/// <param name="Id">Label, or 0 for a prop.</param>
internal sealed record Actor(MeshKind Kind, Mesh Mesh, IReadOnlyList<Material> Materials, float Size, Motion Motion, Vec3 Anchor, byte Id)
{
    /// <summary>A way out of the picture and back, or null.</summary>
    public Excursion? Excursion { get; init; }

    /// <summary>Where the middle of it stands on the floor.</summary>
    public Vec3 Ground(double phase)
    {
        var pose = Motion.At(phase);
        return Anchor + new Vec3(pose.X, 0, pose.Z) + (Excursion?.At(phase) ?? default);
    }

    public Body At(double phase)
    {
        var pose = Motion.At(phase);
        var wide = 1 / MathF.Sqrt(pose.Squash);
        var map = Transform.Scale(Size * wide, Size * pose.Squash, Size * wide) * Transform.Facing(pose.Heading) * pose.Turn;
        var origin = Anchor + new Vec3(pose.X, pose.Height - Mesh.Lowest(map), pose.Z) + (Excursion?.At(phase) ?? default);
        return new(Mesh, Materials, map.At(origin), Id, Size);
    }
}

/// <summary>A way out and back, smooth, once a period.</summary>
/// <param name="Out">Farthest point.</param>
/// <param name="Leave">Phase at which it begins to leave.</param>
/// <param name="Return">Phase at which it is back.</param>
internal sealed record Excursion(Vec3 Out, double Leave, double Return)
{
    public Vec3 At(double phase)
    {
        var t = (float)((phase - Math.Floor(phase) - Leave) / (Return - Leave));
        return t is > 0 and < 1 ? Out * (PortableMath.SmoothStep(0, 0.42f, t) * (1 - PortableMath.SmoothStep(0.58f, 1, t))) : default;
    }
}

/// <summary>A scene over time.</summary>
/// <param name="Actors">Objects, then props.</param>
/// <param name="Scenery">Floor, walls, sky.</param>
/// <param name="Stage">The kind of scenery.</param>
/// <param name="Camera">The camera's path.</param>
/// <param name="Light">The light.</param>
/// <param name="Frames">Length.</param>
internal sealed record Script(IReadOnlyList<Actor> Actors, IReadOnlyList<Body> Scenery, StageKind Stage, CameraPath Camera, Lighting Light, int Frames)
{
    /// <summary>Frames in which a story is told; it takes <see cref="StoryPhase"/> of a period.</summary>
    private const int StoryFrames = 60;

    private const double StoryPhase = 0.75;
    private const float ShadowRadius = 5.5f;

    /// <summary>Whether the scenery has a floor at y = 0.</summary>
    public bool HasFloor => Stage != StageKind.Screen;

    /// <summary>The phase of a frame, which may lie between two.</summary>
    public double Phase(double index) => StoryPhase * index / Math.Max(1, Math.Min(Frames, StoryFrames) - 1);

    public Snapshot At(double index, int width, int height)
    {
        var phase = Phase(index);
        return new(Camera.Camera(phase, width, height), Light, [.. Actors.Select(actor => actor.At(phase)), .. Scenery], HasFloor, ShadowRadius);
    }
}
