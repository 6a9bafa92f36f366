using System.Globalization;
using System.Text;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Evaluation.Tracking;
using HqTrack.Media;

namespace HqTrack.Evaluation.Vot;

/// <summary>
/// The VOTS experiment without the toolkit: all objects of a sequence together, each pointed out in the first frame that annotates it.
/// Results go where the toolkit keeps them, in its format, so that "vot analysis" reads them too. Boxes and polygons are pointed out as filled masks.
/// </summary>
internal sealed class VotEvaluation(IVideoTracker tracking, string tracker, EvaluationOptions? options = null)
{
    private const string Experiment = "baseline";

    private readonly EvaluationOptions options = options ?? new();

    /// <summary>Tracks and scores a workspace; <see cref="EvaluationOptions.OutputFolder"/> is not used, results go to the workspace.</summary>
    /// <exception cref="EvaluationException">The workspace does not fit; the message names the sequence and file.</exception>
    /// <exception cref="MediaException">A frame cannot be read or a result not written; the message names the sequence.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; results of finished sequences stay.</exception>
    public async Task<VotReport> RunAsync(VotWorkspace workspace, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var timings = new List<SequenceTiming>();
        foreach (var sequence in workspace.Sequences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                timings.Add(await TrackAsync(workspace, sequence, timings.Count, frame => progress?.Report(new(sequence.Name, timings.Count, workspace.Sequences.Count, frame, sequence.Length)), cancellationToken).ConfigureAwait(false));
            }
            catch (MediaException e)
            {
                throw new MediaException($"sequence '{sequence.Name}': {e.Message}", e);
            }
        }

        return new(VotScores.Score(workspace, tracker, Experiment, cancellationToken: cancellationToken), timings, ProcessMemory.PeakMegabytes());
    }

    private async Task<SequenceTiming> TrackAsync(VotWorkspace workspace, VotSequence sequence, int index, Action<int> report, CancellationToken cancellationToken)
    {
        string Path(string id) => workspace.ResultPath(tracker, Experiment, sequence, id);
        if (options.Resume && sequence.Objects.All(id => File.Exists(Path(id) + ".bin") || File.Exists(Path(id) + ".txt")))
        {
            report(sequence.Length);
            return new(sequence.Name, 0, TimeSpan.Zero);
        }

        if (sequence.Objects.Count > LabelMap.MaxId)
        {
            throw new EvaluationException($"sequence '{sequence.Name}' has {sequence.Objects.Count} objects, expected at most {LabelMap.MaxId}.");
        }

        // Frame 0 holds the toolkit's code for "pointed out", frames before an object's start the one for "no answer".
        var trajectories = sequence.Objects.Select(_ => Enumerable.Repeat<Region>(new Region.Special(Region.Special.Unknown), sequence.Length).ToArray()).ToArray();
        var starts = sequence.Objects.Select(sequence.Start).ToArray();
        void Tracked(Frame frame, TrackedFrame result)
        {
            foreach (var (id, i) in sequence.Objects.Select((_, i) => (i + 1, i)).Where(entry => frame.Index >= starts[entry.i]))
            {
                trajectories[i][frame.Index] = result.Objects.FirstOrDefault(tracked => tracked.Id == id) is { } found ? LabelRegions.Of(result.Labels, found) : Region.Mask.None;
            }

            report(frame.Index + 1);
        }

        var summary = await tracking.TrackAsync(new(index, sequence.FramePaths, Prompts(sequence, starts), [], Tracked), cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < trajectories.Length; i++)
        {
            trajectories[i][0] = new Region.Special(Region.Special.Initialization);
            Write(Path(sequence.Objects[i]), trajectories[i], summary.Latencies);
        }

        return new(sequence.Name, summary.Frames, summary.Elapsed);
    }

    private static Dictionary<int, Prompt> Prompts(VotSequence sequence, int[] starts)
    {
        var prompts = new Dictionary<int, Prompt>();
        foreach (var group in starts.Select((start, i) => (start, i)).GroupBy(entry => entry.start, entry => entry.i))
        {
            var labels = new LabelMap(sequence.Size.Width, sequence.Size.Height);
            foreach (var i in group)
            {
                LabelRegions.Draw(sequence.Groundtruth(sequence.Objects[i])[group.Key], labels, (byte)(i + 1));
            }

            if (labels.ObjectIds().Count > 0)
            {
                prompts[group.Key] = Prompt.Mask(labels);
            }
        }

        return prompts;
    }

    // The toolkit reads both forms; text where a mask has more runs than the binary form can count.
    private static void Write(string path, Region[] trajectory, IReadOnlyList<double> milliseconds)
    {
        try
        {
            Trajectory.Write(path + ".bin", trajectory);
            File.Delete(path + ".txt");
        }
        catch (ArgumentException)
        {
            Trajectory.Write(path + ".txt", trajectory);
            File.Delete(path + ".bin");
        }

        AtomicFile.Write(path + "_time.value", Encoding.ASCII.GetBytes(string.Concat(milliseconds.Select(time => (time / 1000).ToString("F6", CultureInfo.InvariantCulture) + "\n"))));
    }
}

/// <summary>Result of tracking and scoring a workspace.</summary>
/// <param name="Scores">The scores, fractions of 1.</param>
/// <param name="Timings">Time per sequence.</param>
/// <param name="PeakMemoryMb">Most memory of the process so far, in MB of 2^20 bytes.</param>
internal sealed record VotReport(VotScores Scores, IReadOnlyList<SequenceTiming> Timings, double PeakMemoryMb)
{
    /// <summary>Frames tracked per second over all sequences.</summary>
    public double FramesPerSecond => SequenceTiming.FramesPerSecond(Timings);
}
