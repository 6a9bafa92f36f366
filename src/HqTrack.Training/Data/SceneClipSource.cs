using HqTrack.Media;
using HqTrack.Scenes;

namespace HqTrack.Training.Data;

/// <summary>
/// Clips of rendered scenes of the training library: up to six objects among props, often look-alikes, occlusions, objects that leave and
/// come back, now and then motion blur. Frames are rendered at the clip's size, a random number of frames apart.
/// </summary>
internal sealed class SceneClipSource : IClipSource
{
    private const int Tries = 100;
    private const int StoryFrames = 60;
    private const int MaxStep = 10;

    // Of 1, 2, 3 ... objects.
    private static readonly float[] ObjectCounts = [0.2f, 0.25f, 0.2f, 0.15f, 0.1f, 0.1f];

    public string Name => "rendered scenes";

    public Clip Next(ref Rng rng, ClipShape shape)
    {
        for (var i = 0; i < Tries; i++)
        {
            var scene = Scene.Create(Draw(ref rng, shape));
            var span = Math.Max(1, shape.Frames - 1);
            var step = 1 + rng.Below(Math.Min(MaxStep, (scene.Frames - 1) / span));
            var first = rng.Below(scene.Frames - (step * (shape.Frames - 1)));
            var frames = new Frame[shape.Frames];
            var labels = new LabelMap[shape.Frames];
            for (var t = 0; t < shape.Frames; t++)
            {
                var (frame, map) = scene.Render(first + (t * step));
                (frames[t], labels[t]) = (new Frame(frame.Rgb, shape.Size, shape.Size, t), map);
            }

            if (ClipComposer.Finish(ref rng, frames, labels) is { } clip)
            {
                return clip;
            }
        }

        throw new InvalidOperationException($"{Tries} random clips of rendered scenes showed no object in their first frame; clips of {shape.Size} pixels are too small.");
    }

    private static SceneOptions Draw(ref Rng rng, ClipShape shape)
    {
        var objects = 1 + rng.Weighted(ObjectCounts);
        return new()
        {
            Library = SceneLibrary.Training,
            Seed = SceneLibrary.FirstTrainingSeed + (long)(rng.NextUInt64() >> 16),
            Width = shape.Size,
            Height = shape.Size,
            Frames = Math.Max(StoryFrames, shape.Frames),
            Objects = objects,
            Props = rng.Below(4),
            Occlusion = objects > 1 && rng.Chance(0.5f),
            LeaveAndReturn = rng.Chance(0.2f),
            LookAlikes = objects > 1 && rng.Chance(0.3f),
            MotionBlur = rng.Chance(0.08f) ? rng.Range(0.3f, 0.9f) : 0,
        };
    }
}
