namespace HqTrack.Scenes;

/// <summary>What to render.</summary>
public sealed record SceneOptions
{
    /// <summary>The most objects of a scene.</summary>
    public const int MaxObjects = 24;

    /// <summary>Chooses everything that is random, default 0; each library has a range of its own.</summary>
    public long Seed { get; init; }

    /// <summary>Width in pixels, default 640, 16 to 8192.</summary>
    public int Width { get; init; } = 640;

    /// <summary>Height in pixels, default 360, 16 to 8192.</summary>
    public int Height { get; init; } = 360;

    /// <summary>Length, default 60. A scene tells its story in 60 frames or in fewer; longer scenes go on at that pace.</summary>
    public int Frames { get; init; } = 60;

    /// <summary>Objects with a label, 1 to <see cref="MaxObjects"/>, default 3. Their ids count up from 1.</summary>
    public int Objects { get; init; } = 3;

    /// <summary>Things without a label, default 3; in training scenes some are copies of objects.</summary>
    public int Props { get; init; } = 3;

    /// <summary>Some object is for a while at least half hidden by another, and comes out again; default true.</summary>
    public bool Occlusion { get; init; } = true;

    /// <summary>Some object leaves the picture and comes back; default false.</summary>
    public bool LeaveAndReturn { get; init; }

    /// <summary>Some objects have the same shape and surface; default false.</summary>
    public bool LookAlikes { get; init; }

    /// <summary>The share of the time between frames that the shutter is open, 0 (sharp, the default) to 1. Labels are those of its middle.</summary>
    public float MotionBlur { get; init; }

    /// <summary>What the scene is made of, default <see cref="SceneLibrary.Demo"/>.</summary>
    public SceneLibrary Library { get; init; } = SceneLibrary.Demo;

    internal void Validate()
    {
        Check(Width is >= 16 and <= 8192 && Height is >= 16 and <= 8192, $"a scene of {Width}x{Height} pixels, expected 16 to 8192 each way");
        Check(Frames >= 1, $"a scene of {Frames} frames, expected at least 1");
        Check(Objects is >= 1 and <= MaxObjects, $"a scene of {Objects} objects, expected 1 to {MaxObjects}");
        Check(Props is >= 0 and <= MaxObjects, $"a scene with {Props} props, expected 0 to {MaxObjects}");
        Check(MotionBlur is >= 0 and <= 1, FormattableString.Invariant($"motion blur {MotionBlur}, expected a share of the frame time from 0 to 1"));
        Check(!Occlusion || Objects > 1, "an occlusion with one object, expected at least 2 objects; or set Occlusion to false");
        Check(!LookAlikes || Objects > 1, "look-alikes with one object, expected at least 2 objects; or set LookAlikes to false");
        Check((!Occlusion && !LeaveAndReturn) || Frames >= 8, $"{Frames} frames, expected at least 8 for an occlusion or for leaving and coming back; or switch both off");
        Check(
            Seed >= Library.FirstSeed && Seed <= Library.LastSeed,
            $"seed {Seed} for a {Library.Name} scene, expected {Library.FirstSeed} to {Library.LastSeed}; training and demo scenes share no seed");

        static void Check(bool isGood, string problem)
        {
            if (!isGood)
            {
                throw new ArgumentException(problem + ".");
            }
        }
    }
}
