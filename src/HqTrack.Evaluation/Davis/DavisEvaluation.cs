using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Scoring;
using HqTrack.Evaluation.Tracking;
using HqTrack.Media;

namespace HqTrack.Evaluation.Davis;

/// <summary>How a set is tracked and scored.</summary>
internal sealed class DavisEvaluationOptions : EvaluationOptions
{
    /// <summary>Most frames of a sequence, 3 or more; null (default) takes all. The last one does not count.</summary>
    public int? MaxFrames { get; set; }

    /// <summary>Tracks only every n-th frame from the first annotated one on (default 1).</summary>
    public int Every { get; set; } = 1;

    /// <summary>Reproduce the official program's one-byte bins of decay (default false).</summary>
    public bool Parity { get; set; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFrames ?? 3, 3, nameof(MaxFrames));
        ArgumentOutOfRangeException.ThrowIfLessThan(Every, 1, nameof(Every));
    }
}

/// <summary>The semi-supervised experiment of DAVIS: masks of the first annotated frame in, scores out.</summary>
internal sealed class DavisEvaluation
{
    private readonly IVideoTracker tracker;
    private readonly DavisEvaluationOptions options;

    /// <summary>Evaluates a tracker.</summary>
    public DavisEvaluation(IVideoTracker tracker, DavisEvaluationOptions? options = null)
    {
        this.tracker = tracker;
        this.options = options ?? new();
        this.options.Validate();
    }

    /// <summary>Tracks and scores a set.</summary>
    /// <exception cref="EvaluationException">The dataset does not fit; the message names the sequence and file.</exception>
    /// <exception cref="MediaException">A frame cannot be read or a mask not written; the message names the sequence.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; masks written so far stay valid.</exception>
    public async Task<DavisReport> RunAsync(DavisDataset dataset, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var run = await new DatasetTracker(tracker, options.Resume)
            .RunAsync(options.Choose(dataset.Sequences), Plan, progress, cancellationToken).ConfigureAwait(false);
        return new(new(run.Scores), run.Timings, run.PeakMemoryMb);
    }

    // From the first annotated frame on, every n-th, at most so many.
    private SequenceRun Plan(VideoSequence sequence)
    {
        var first = VideoSequence.FrameName(sequence.AnnotationPaths[0]);
        IReadOnlyList<string> frames =
        [
            .. sequence.FramePaths.SkipWhile(path => VideoSequence.FrameName(path) != first).Where((_, i) => i % options.Every == 0).Take(options.MaxFrames ?? int.MaxValue),
        ];
        var tracked = frames.Select(VideoSequence.FrameName).ToHashSet(StringComparer.Ordinal);
        var isWhole = options is { Every: 1, MaxFrames: null };
        var alone = isWhole || frames.Count == 0 ? sequence.AnnotationPaths.FirstOrDefault(path => !tracked.Contains(VideoSequence.FrameName(path))) : null;
        if (alone is not null)
        {
            throw new EvaluationException($"sequence '{sequence.Name}': annotation '{alone}' has no image in '{sequence.FrameFolder}'; expected images and annotations of the same names.");
        }

        var annotations = sequence.AnnotationPaths.Where(path => tracked.Contains(VideoSequence.FrameName(path))).ToArray();
        var prompts = new Dictionary<int, Prompt> { [0] = Prompt.Mask(sequence.ReadAnnotation(sequence.AnnotationPaths[0])) };
        return new(sequence, frames, prompts, DavisResults.Scorer(sequence, annotations, options.Parity), options.OutputFolder);
    }
}

/// <summary>Result of tracking and scoring a set.</summary>
/// <param name="Scores">The scores, fractions of 1.</param>
/// <param name="Timings">Time per sequence.</param>
/// <param name="PeakMemoryMb">Most memory of the process so far, in MB of 2^20 bytes.</param>
internal sealed record DavisReport(DavisScores Scores, IReadOnlyList<SequenceTiming> Timings, double PeakMemoryMb)
{
    /// <summary>Frames tracked per second over all sequences, from the decoding of a frame to its mask on disk; 0 where nothing was tracked.</summary>
    public double FramesPerSecond => SequenceTiming.FramesPerSecond(Timings);
}
