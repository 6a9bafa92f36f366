using HqTrack.Evaluation.Baselines;
using HqTrack.Evaluation.Datasets;
using HqTrack.Media;

namespace HqTrack.Evaluation.Demo;

/// <summary>A tracker on a rendered clip, scored against the exact labels and against what needs no learning.</summary>
internal sealed class DemoRun
{
    private readonly RenderedClip clip;
    private readonly string directory;
    private readonly List<TrackedFrame> tracked = [];

    private DemoRun(RenderedClip clip, string directory)
    {
        this.clip = clip;
        this.directory = directory;
    }

    /// <summary>The clip.</summary>
    public RenderedClip Clip => clip;

    /// <summary>What the tracker found, frame by frame; the first is as given.</summary>
    public IReadOnlyList<TrackedFrame> Tracked => tracked;

    /// <summary>What the tracking took.</summary>
    public TrackingSummary Summary { get; private set; } = new(0, TimeSpan.Zero, new Dictionary<string, TimeSpan>(), []);

    /// <summary>Tracks the clip from its JPEG files to DIR/masks/NNNNN.png.</summary>
    /// <param name="tracker">The model.</param>
    /// <param name="clip">The clip.</param>
    /// <param name="directory">Folder for the masks.</param>
    /// <param name="advance">Called after each frame, one call at a time.</param>
    /// <param name="cancellationToken">Ends the run between two frames.</param>
    /// <exception cref="MediaException">A mask cannot be written.</exception>
    public static async Task<DemoRun> TrackAsync(HqTracker tracker, RenderedClip clip, string directory, Action? advance = null, CancellationToken cancellationToken = default)
    {
        var run = new DemoRun(clip, directory);
        using var session = tracker.StartSession();
        using var masks = new MaskSink(directory);
        var pipeline = new TrackingPipeline(FrameSource.FromFiles(clip.Frames), session, new Dictionary<int, Prompt> { [0] = Prompt.Mask(clip.Truth(0)) })
        {
            Sinks = [masks],
            Tracked = (_, result) =>
            {
                run.tracked.Add(result);
                advance?.Invoke();
            },
        };
        run.Summary = await pipeline.RunAsync(cancellationToken).ConfigureAwait(false);
        return run;
    }

    /// <summary>Writes DIR/overlay.webp and scores tracker and baselines; as in DAVIS the first and the last frame do not count.</summary>
    /// <param name="advance">Called after each frame, one call at a time.</param>
    /// <param name="cancellationToken">Ends the work between two frames.</param>
    /// <exception cref="MediaException">The animation cannot be written.</exception>
    public DemoScores Score(Action? advance = null, CancellationToken cancellationToken = default)
    {
        var objects = clip.Scene.Objects;
        var first = ImageFile.Read(clip.Frames[0]);
        var colors = new ColorNearest(first, clip.Truth(0));
        var copy = new CopyFirstMask(clip.Truth(0));
        var scores = new DemoScores(new(tracked.Count, objects), new(tracked.Count, objects), new(tracked.Count, objects));
        using var animation = new OverlayAnimationSink(directory);
        for (var i = 0; i < tracked.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var frame = ImageFile.Read(clip.Frames[i], i);
            var truth = clip.Truth(i);
            animation.Write(frame, tracked[i].Labels);
            scores.Tracker.Add(i, truth, tracked[i].Labels);
            scores.CopyFirstMask.Add(i, truth, copy.Predict(frame));
            scores.Color.Add(i, truth, colors.Predict(frame));
            advance?.Invoke();
        }

        return scores;
    }
}

/// <summary>Scores of the tracker and of the two baselines on the same frames.</summary>
internal sealed record DemoScores(ScoreTable Tracker, ScoreTable CopyFirstMask, ScoreTable Color);
