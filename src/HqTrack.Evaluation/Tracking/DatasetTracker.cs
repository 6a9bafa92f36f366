using HqTrack.Evaluation.Benchmarks;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Scoring;
using HqTrack.Media;

namespace HqTrack.Evaluation.Tracking;

/// <summary>Runs a tracker over the sequences of a dataset; scoring and writing go on beside tracking.</summary>
internal sealed class DatasetTracker(IVideoTracker tracker, bool resume)
{
    /// <summary>Tracks every sequence.</summary>
    /// <param name="sequences">The sequences, in order.</param>
    /// <param name="plan">Says what to track and score of one.</param>
    /// <param name="progress">Told after each frame.</param>
    /// <param name="cancellationToken">Ends the run between two frames; masks written so far stay valid.</param>
    /// <exception cref="MediaException">A frame cannot be read or a mask not written; the message names the sequence.</exception>
    public async Task<DatasetRun> RunAsync(
        IReadOnlyList<VideoSequence> sequences,
        Func<VideoSequence, SequenceRun> plan,
        IProgress<EvaluationProgress>? progress,
        CancellationToken cancellationToken)
    {
        var (scores, timings) = (new List<SequenceScore>(), new List<SequenceTiming>());
        foreach (var sequence in sequences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var run = plan(sequence);
                void Report(int frame) => progress?.Report(new(sequence.Name, timings.Count, sequences.Count, frame, run.Frames.Count));
                Report(0);
                var (score, timing) = await TrackAsync(run, timings.Count, Report, cancellationToken).ConfigureAwait(false);
                timings.Add(timing);
                if (score is not null)
                {
                    scores.Add(score);
                }
            }
            catch (MediaException e)
            {
                throw new MediaException($"sequence '{sequence.Name}': {e.Message}", e);
            }
        }

        return new(scores, timings, ProcessMemory.PeakMegabytes());
    }

    private async Task<(SequenceScore? Score, SequenceTiming Timing)> TrackAsync(SequenceRun run, int index, Action<int> report, CancellationToken cancellationToken)
    {
        if (resume && run.IsWritten)
        {
            var score = run.ScoreWritten(cancellationToken);
            report(run.Frames.Count);
            return (score, new(run.Sequence.Name, 0, TimeSpan.Zero));
        }

        var done = 0;
        void Tracked(Frame frame, TrackedFrame result)
        {
            run.Score(frame.Index, result.Labels);
            report(++done);
        }

        var summary = await tracker.TrackAsync(new(index, run.Frames, run.Prompts, run.Sinks(), Tracked), cancellationToken).ConfigureAwait(false);
        return (run.Finish(), new(run.Sequence.Name, summary.Frames, summary.Elapsed));
    }
}

/// <summary>What running a tracker over a dataset gave.</summary>
/// <param name="Scores">Of the sequences that are scored.</param>
/// <param name="Timings">Time per sequence.</param>
/// <param name="PeakMemoryMb">Most memory of the process so far, in MB of 2^20 bytes.</param>
internal sealed record DatasetRun(IReadOnlyList<SequenceScore> Scores, IReadOnlyList<SequenceTiming> Timings, double PeakMemoryMb);
