using HqTrack.Scenes.Geometry;
using HqTrack.Scenes.Surfaces;

namespace HqTrack.Scenes.Staging;

/// <summary>
/// Makes the script of a scene: casts it once, then draws who stands where and moves how until a rehearsal shows what was asked for.
/// </summary>
internal sealed class Director
{
    private const int MaxDrafts = 1500;

    private readonly SceneOptions options;
    private readonly bool isDemo;
    private readonly Role[] roles;
    private readonly StageKind stage;
    private readonly IReadOnlyList<Rendering.Body> scenery;
    private readonly Rendering.Lighting light;

    private Director(SceneOptions options)
    {
        this.options = options;
        isDemo = options.Library == SceneLibrary.Demo;
        var random = new SceneRandom(SceneRandom.Mix((ulong)options.Seed));
        var detail = Math.Min(options.Width, options.Height) >= 300 ? 256 : 128;
        var wardrobe = new Wardrobe(options.Library, isDemo ? ColorScheme.Warm(random.Fork(1)) : ColorScheme.Any(random.Fork(1)), detail);
        stage = random.Fork(2).Pick(options.Library.Stages);
        (scenery, light) = Sets.Build(stage, random.Fork(3), wardrobe);

        // The demo's toys share the room's colours; training scenes do or do not.
        roles = Cast(random.Fork(4), isDemo || random.Fork(5).Chance(0.4f) ? wardrobe : new(options.Library, ColorScheme.Any(random.Fork(6)), detail));
    }

    // Of an object in frame 0, as a share of the picture: 1 % and a margin for up to three in a picture that is not upright.
    private float LeastVisible
    {
        get
        {
            var fitted = Rendering.Camera.FittedHeight(options.Width, options.Height);
            var shape = Math.Min(1, fitted * fitted * (16f / 9) / (options.Width * options.Height));
            return shape * 0.0375f / Math.Max(3, options.Objects);
        }
    }

    // More than five cannot all stand free, nor go far.
    private bool IsCrowd => options.Objects > 5;

    /// <summary>The script that the options ask for.</summary>
    /// <exception cref="InvalidOperationException">No draft did.</exception>
    public static Script Stage(SceneOptions options)
    {
        var director = new Director(options);
        var random = new SceneRandom(SceneRandom.Mix(~(ulong)options.Seed));
        for (var draft = 0; draft < MaxDrafts; draft++)
        {
            if (director.Draft(random.Fork(draft)) is { } script && director.IsGood(script))
            {
                return script;
            }
        }

        throw new InvalidOperationException(
            $"{MaxDrafts} drafts of scene {options.Seed} ({options.Objects} objects, {options.Width}x{options.Height}, {options.Frames} frames) did not show what was asked for; "
            + "ask for fewer objects, a larger or less narrow picture, or neither occlusion nor leaving.");
    }

    private Role[] Cast(SceneRandom random, Wardrobe wardrobe)
    {
        var kinds = new List<MeshKind>();
        while (kinds.Count < options.Objects + options.Props)
        {
            kinds.AddRange(random.Shuffled(options.Library.Meshes));
        }

        var cast = new Role[options.Objects + options.Props];
        var first = random.Below(5);
        for (var i = 0; i < cast.Length; i++)
        {
            var own = random.Fork(i);
            var isCopy = i < options.Objects
                ? options.LookAlikes && i > 0 && (i == 1 || own.Chance(0.6f))
                : !isDemo && own.Chance(0.4f);
            cast[i] = isCopy
                ? cast[i < options.Objects ? 0 : own.Below(options.Objects)]
                : new(kinds[i], MeshCatalog.Create(kinds[i], own), wardrobe.Dress(own, kinds[i], first + i));
        }

        return cast;
    }

    // Null where the actors would run into each other.
    private Script? Draft(SceneRandom random)
    {
        var camera = CameraPath.Create(random.Pick(options.Library.Cameras), random.Fork(1));
        var script = new Script([], scenery, stage, camera, light, options.Frames);
        var blocking = new Blocking(options, isDemo, script);
        for (var i = 0; i < roles.Length; i++)
        {
            if (!blocking.TryPlace(random.Fork(10 + i), roles[i], i))
            {
                return null;
            }
        }

        return script with { Actors = blocking.Actors };
    }

    private bool IsGood(Script script)
    {
        var pace = isDemo ? 24 : 9;
        var looks = Math.Min(600, Math.Max(pace, pace * options.Frames / 60));
        if (isDemo && !IsGoodStart(new Rehearsal(script with { Frames = 1 }, options.Objects, options.Width, options.Height, 1, 96)))
        {
            return false;
        }

        var seen = new Rehearsal(script, options.Objects, options.Width, options.Height, looks, isDemo ? 96 : 56);
        var (hidden, away) = (false, false);
        for (var id = 1; id <= options.Objects; id++)
        {
            var leaves = IsAway(seen, id);
            away |= leaves;
            hidden |= IsHiddenForAWhile(seen, id);
            if (!(isDemo ? IsFair(seen, id, leaves) : seen.Visible(0, id) >= 0.003f))
            {
                return false;
            }
        }

        return (hidden || !options.Occlusion) && (away || !options.LeaveAndReturn);
    }

    private bool IsGoodStart(Rehearsal start) =>
        (!start.IsCutAtFirst || IsCrowd) && Enumerable.Range(1, options.Objects).All(id => start.Visible(0, id) >= LeastVisible && start.Shown(0, id) >= (IsCrowd ? 0.5f : 0.85f));

    // In the picture throughout unless it is to leave, in the end too, and far from where it was.
    private bool IsFair(Rehearsal seen, int id, bool leaves)
    {
        var last = seen.Looks - 1;
        if (seen.Visible(last, id) < 0.4f * LeastVisible || (seen.Looks >= 8 && seen.Stays(id) > (IsCrowd ? 0.6 : 0.3)))
        {
            return false;
        }

        for (var look = 1; look <= last && !leaves; look++)
        {
            if (seen.Alone(look, id) < 0.4f * seen.Alone(0, id))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsHiddenForAWhile(Rehearsal seen, int id)
    {
        var (before, hidden) = (false, false);
        for (var look = 0; look < seen.Looks; look++)
        {
            var (shown, alone) = (seen.Shown(look, id), seen.Alone(look, id));
            before |= shown > 0.85f && alone > 0.003f;
            hidden |= before && shown < 0.4f && alone > 0.003f;
            if (hidden && shown > 0.85f && alone > 0.003f)
            {
                return true;
            }
        }

        return false;
    }

    // Out of the picture at two looks running, and back.
    private static bool IsAway(Rehearsal seen, int id)
    {
        var (gone, away) = (0, false);
        for (var look = 0; look < seen.Looks; look++)
        {
            gone = seen.Alone(look, id) == 0 ? gone + 1 : 0;
            away |= gone >= 2;
            if (away && seen.Visible(look, id) > 0.004f)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What an actor is, before it has a place.</summary>
    internal sealed record Role(MeshKind Kind, Mesh Mesh, IReadOnlyList<Material> Materials);
}
