using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Media;

namespace HqTrack.Evaluation.Davis;

/// <summary>How a set is tracked and scored.</summary>
internal sealed class DavisEvaluationOptions
{
    /// <summary>Folder for the masks, SEQUENCE/NNNNN.png as the official program reads them; null (default) writes none.</summary>
    public string? OutputFolder { get; set; }

    /// <summary>Sequences whose masks are all in the output folder are scored from there instead of being tracked again (default false).</summary>
    public bool Resume { get; set; }

    /// <summary>Most frames of a sequence, 3 or more; null (default) takes all. The last one does not count.</summary>
    public int? MaxFrames { get; set; }

    /// <summary>Tracks only every n-th frame from the first annotated one on (default 1).</summary>
    public int Every { get; set; } = 1;

    /// <summary>Names of the sequences; null (default) takes the whole set.</summary>
    public IReadOnlyList<string>? Sequences { get; set; }

    /// <summary>Reproduce the official program's one-byte bins of decay (default false).</summary>
    public bool Parity { get; set; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFrames ?? 3, 3, nameof(MaxFrames));
        ArgumentOutOfRangeException.ThrowIfLessThan(Every, 1, nameof(Every));
    }
}

/// <summary>The semi-supervised experiment of DAVIS: masks of the first annotated frame in, scores out. Scoring runs beside tracking.</summary>
internal sealed class DavisEvaluation
{
    private readonly Func<TrackingSession> startSession;
    private readonly DavisEvaluationOptions options;

    /// <summary>Evaluates a loaded tracker.</summary>
    public DavisEvaluation(HqTracker tracker, DavisEvaluationOptions? options = null)
        : this(tracker.StartSession, options)
    {
    }

    /// <summary>Evaluates whatever starts sessions, such as a network in training.</summary>
    public DavisEvaluation(Func<TrackingSession> startSession, DavisEvaluationOptions? options = null)
    {
        this.startSession = startSession;
        this.options = options ?? new();
        this.options.Validate();
    }

    /// <summary>Tracks and scores a set.</summary>
    /// <exception cref="EvaluationException">The dataset does not fit; the message names the sequence and file.</exception>
    /// <exception cref="MediaException">A frame cannot be read or a mask not written; the message names the sequence.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; masks written so far stay valid.</exception>
    public async Task<DavisReport> RunAsync(DavisDataset dataset, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var sequences = Choose(dataset);
        var results = new List<(SequenceScore Score, SequenceTiming Timing)>();
        foreach (var sequence in sequences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var work = new SequenceRun(sequence, options);
                void Report(int frame) => progress?.Report(new(sequence.Name, results.Count, sequences.Count, frame, work.Frames.Count));
                Report(0);
                results.Add(await TrackAsync(work, Report, cancellationToken).ConfigureAwait(false));
            }
            catch (MediaException e)
            {
                throw new MediaException($"sequence '{sequence.Name}': {e.Message}", e);
            }
        }

        return new(new([.. results.Select(result => result.Score)]), [.. results.Select(result => result.Timing)], ProcessMemory.PeakMegabytes());
    }

    private async Task<(SequenceScore Score, SequenceTiming Timing)> TrackAsync(SequenceRun work, Action<int> report, CancellationToken cancellationToken)
    {
        if (options.Resume && work.TryScoreWritten(cancellationToken) is { } score)
        {
            report(work.Frames.Count);
            return (score, new(work.Sequence.Name, 0, TimeSpan.Zero));
        }

        using var session = startSession();
        var done = 0;
        var pipeline = new TrackingPipeline(FrameSource.FromFiles(work.Frames), session, new Dictionary<int, Prompt> { [0] = Prompt.Mask(work.FirstMask) })
        {
            Sinks = work.Sinks(),
            Tracked = (frame, result) =>
            {
                work.Score(frame.Index, result.Labels);
                report(++done);
            },
        };
        var summary = await pipeline.RunAsync(cancellationToken).ConfigureAwait(false);
        return (work.Finish(), new(work.Sequence.Name, summary.Frames, summary.Elapsed));
    }

    private IReadOnlyList<VideoSequence> Choose(DavisDataset dataset)
    {
        if (options.Sequences is not { } wanted)
        {
            return dataset.Sequences;
        }

        var unknown = wanted.Except(dataset.Sequences.Select(sequence => sequence.Name)).FirstOrDefault();
        return unknown is null
            ? [.. dataset.Sequences.Where(sequence => wanted.Contains(sequence.Name))]
            : throw new EvaluationException($"set '{dataset.Set}' has no sequence '{unknown}'; it has: {string.Join(", ", dataset.Sequences.Select(sequence => sequence.Name))}.");
    }
}

/// <summary>Result of tracking and scoring a set.</summary>
/// <param name="Scores">The scores, fractions of 1.</param>
/// <param name="Timings">Time per sequence.</param>
/// <param name="PeakMemoryMb">Most memory of the process so far, in MB of 2^20 bytes.</param>
internal sealed record DavisReport(DavisScores Scores, IReadOnlyList<SequenceTiming> Timings, double PeakMemoryMb)
{
    /// <summary>Frames tracked per second over all sequences, from the decoding of a frame to its mask on disk; 0 where nothing was tracked.</summary>
    public double FramesPerSecond
    {
        get
        {
            var seconds = Timings.Sum(timing => timing.Elapsed.TotalSeconds);
            return seconds > 0 ? Timings.Sum(timing => timing.Frames) / seconds : 0;
        }
    }
}

/// <summary>Time one sequence took; no frames where its masks were already there.</summary>
internal sealed record SequenceTiming(string Name, int Frames, TimeSpan Elapsed);
