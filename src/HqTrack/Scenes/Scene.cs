using System.Collections.Concurrent;
using HqTrack.Media;
using HqTrack.Scenes.Rendering;
using HqTrack.Scenes.Staging;

namespace HqTrack.Scenes;

/// <summary>
/// A small 3-D scene with moving objects, rendered in software with exact labels. The same options give the same bits on every
/// machine, in any order of frames. Safe to render from several threads at once.
/// </summary>
public sealed class Scene
{
    private readonly ConcurrentBag<FrameRenderer> renderers = [];

    private Scene(SceneOptions options, Script script) => (Options, Script) = (options, script);

    /// <summary>What the scene was made from.</summary>
    public SceneOptions Options { get; }

    /// <summary>Width of the frames in pixels.</summary>
    public int Width => Options.Width;

    /// <summary>Height of the frames in pixels.</summary>
    public int Height => Options.Height;

    /// <summary>The number of frames.</summary>
    public int Frames => Options.Frames;

    /// <summary>The number of labelled objects; ids are 1 to this.</summary>
    public int Objects => Options.Objects;

    // Odd, so that the middle of the shutter's time is one of them; small pictures need fewer.
    private int BlurSteps => Math.Min(Width, Height) >= 300 ? 7 : 5;

    /// <summary>What stands where and moves how.</summary>
    internal Script Script { get; }

    /// <summary>Makes a scene: draws drafts until one does what the options ask for.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or the seed is one of the other library's.</exception>
    /// <exception cref="InvalidOperationException">No draft did what the options ask for (many objects in a small or narrow picture).</exception>
    public static Scene Create(SceneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new(options, Director.Stage(options));
    }

    /// <summary>Renders a frame and its labels.</summary>
    /// <param name="index">0 to Frames - 1.</param>
    public (Frame Frame, LabelMap Labels) Render(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Frames);
        if (!renderers.TryTake(out var renderer))
        {
            renderer = new FrameRenderer(Width, Height);
        }

        var moments = new Snapshot[Options.MotionBlur > 0 ? BlurSteps : 1];
        for (var i = 0; i < moments.Length; i++)
        {
            moments[i] = Script.At(index + (i == moments.Length / 2 ? 0 : Options.MotionBlur * (((i + 0.5) / moments.Length) - 0.5)), Width, Height);
        }

        var (rgb, labels) = (new byte[Width * Height * 3], new LabelMap(Width, Height));
        renderer.Draw(moments, rgb, labels.Ids);
        renderers.Add(renderer);
        return (new Frame(rgb, Width, Height, index), labels);
    }
}
