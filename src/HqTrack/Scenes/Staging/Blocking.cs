using HqTrack.Scenes.Geometry;

namespace HqTrack.Scenes.Staging;

/// <summary>Gives one actor after the other a place and a way, without running into those that are there.</summary>
internal sealed class Blocking(SceneOptions options, bool isDemo, Script script)
{
    private const int Tries = 24;
    private const int Steps = 20;

    private readonly List<Actor> actors = [];

    public IReadOnlyList<Actor> Actors => actors;

    // Many objects are smaller and keep closer to their places.
    private float Crowding => Math.Clamp(MathF.Sqrt(3f / options.Objects), 0.3f, isDemo ? 1 : 1.25f);

    // The demo's table is as wide as the picture shows of it.
    private float Wide => Math.Clamp(9f * options.Width / (16f * options.Height), 0.75f, 1) * (options.Objects > 3 ? 1.35f : 1);

    public bool TryPlace(SceneRandom random, Director.Role role, int number)
    {
        for (var i = 0; i < Tries; i++)
        {
            var actor = number < options.Objects ? Object(random, role, number) : Prop(random, role, number - options.Objects);
            if (actors.TrueForAll(other => AreApart(actor, other)))
            {
                actors.Add(actor);
                return true;
            }
        }

        return false;
    }

    private Actor Object(SceneRandom random, Director.Role role, int number)
    {
        var size = Crowding * (isDemo ? random.Range(0.78f, 0.92f) : random.LogRange(0.42f, 1.15f));
        var motion = Motion.Create(random.Pick(options.Library.Motions), random, Crowding * (isDemo ? Crowding : 1) * random.Range(0.9f, isDemo ? 1.9f : 1.6f));
        var anchor = isDemo
            ? new Vec3(Wide * random.Range(-1.7f, 1.7f), 0, random.Range(-1.3f, options.Objects > 3 ? 1.8f : 1.2f))
            : new Vec3(random.Range(-2, 2), script.HasFloor ? 0 : random.Range(-0.6f, 1.2f), random.Range(-1.8f, 1.6f));
        var actor = new Actor(role.Kind, role.Mesh, role.Materials, size, motion, anchor, (byte)(number + 1));

        // The second crosses the line of sight to the first: before it or behind it.
        if (options.Occlusion && number == 1)
        {
            var phase = random.Range(0.2f, 0.55f);
            var (eye, target) = (script.Camera.Eye(phase), actors[0].Ground(phase));
            var place = Vec3.Lerp(eye, target, random.Chance(0.5f) ? random.Range(0.72f, 0.85f) : random.Range(1.18f, 1.35f));
            var pose = motion.At(phase);
            actor = actor with { Anchor = new(place.X - pose.X, anchor.Y, place.Z - pose.Z) };
        }

        if (options.LeaveAndReturn && number == options.Objects - 1)
        {
            var leave = random.Range(0.1f, 0.25f);
            actor = actor with { Excursion = new(new(random.Sign() * random.Range(6.5f, 8), 0, random.Range(-1, 0.5f)), leave, leave + random.Range(0.38f, 0.46f)) };
        }

        return actor;
    }

    // The demo's stand along the wall; the others are anywhere and may move.
    private Actor Prop(SceneRandom random, Director.Role role, int number)
    {
        if (isDemo)
        {
            var slot = number % 2 == 0 ? number / 2 : -1 - (number / 2);
            var place = new Vec3((1.9f * (slot + 0.5f)) + random.Range(-0.5f, 0.5f), 0, random.Range(-3.4f, -2.7f));
            var facing = new Vec3(random.Range(-0.7f, 0.7f), 0, 1);
            return new(role.Kind, role.Mesh, role.Materials, random.Range(0.45f, 0.62f), Motion.Standing(facing), place, 0);
        }

        var motion = Motion.Create(random.Chance(0.5f) ? MotionKind.Rest : random.Pick(options.Library.Motions), random, random.Range(0.5f, 1.5f));
        return new(
            role.Kind, role.Mesh, role.Materials, Crowding * random.LogRange(0.3f, 0.9f), motion,
            new(random.Range(-3.5f, 3.5f), script.HasFloor ? 0 : random.Range(-1.2f, 1.5f), random.Range(-3, 1.8f)), 0);
    }

    private bool AreApart(Actor a, Actor b)
    {
        var apart = (isDemo && options.Objects <= 5 ? 0.8f : 0.6f) * (a.Size + b.Size);
        for (var i = 0; i < Steps; i++)
        {
            var phase = script.Phase(script.Frames - 1) * i / (Steps - 1);
            var (poseA, poseB) = (a.Motion.At(phase), b.Motion.At(phase));
            var d = a.Ground(phase) + new Vec3(0, poseA.Height, 0) - b.Ground(phase) - new Vec3(0, poseB.Height, 0);
            if (Vec3.Dot(d, d) < apart * apart)
            {
                return false;
            }
        }

        return true;
    }
}
