using HqTrack.Media;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>The whole model on one video: image files in, mask PNGs out.</summary>
internal static class TrackBenchmark
{
    private const int WarmUpFrames = 4;

    /// <summary>A first mask with more objects than the scene has: its largest objects are cut in two, left and right.</summary>
    /// <param name="mask">Ids from 1 on.</param>
    /// <param name="objects">How many are wanted.</param>
    public static LabelMap WithObjects(LabelMap mask, int objects)
    {
        var result = new LabelMap((byte[])mask.Ids.Clone(), mask.Width, mask.Height);
        for (var count = mask.ObjectIds().Count; count < objects; count++)
        {
            var next = Enumerable.Range(1, LabelMap.MaxId).Except(result.ObjectIds()).First();
            var (id, box) = Box.Of(result).MaxBy(entry => entry.Value.Width);
            for (var i = 0; i < result.Ids.Length; i++)
            {
                result.Ids[i] = result.Ids[i] == id && i % mask.Width >= box.X + (box.Width / 2) ? (byte)next : result.Ids[i];
            }
        }

        return result;
    }

    /// <summary>Tracks the video once for its time, after a few frames in a session of their own that let the runtime compile and allocate.</summary>
    /// <param name="tracker">The model.</param>
    /// <param name="frames">The video, image files.</param>
    /// <param name="mask">Objects of the first frame.</param>
    /// <param name="output">Folder for masks/NNNNN.png.</param>
    /// <param name="progress">Told the number of frames written so far.</param>
    /// <param name="cancellationToken">Ends the run between two frames.</param>
    /// <exception cref="MediaException">A frame cannot be read or a mask not written.</exception>
    public static async Task<TrackBenchmarkResult> RunAsync(
        HqTracker tracker,
        IReadOnlyList<string> frames,
        LabelMap mask,
        string output,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var prompts = new Dictionary<int, Prompt> { [0] = Prompt.Mask(mask) };
        using (var session = tracker.StartSession())
        {
            await new TrackingPipeline(FrameSource.FromFiles([.. frames.Take(WarmUpFrames)]), session, prompts).RunAsync(cancellationToken).ConfigureAwait(false);
        }

        using (var session = tracker.StartSession())
        using (var sink = new MaskSink(output))
        {
            var written = 0;
            var pipeline = new TrackingPipeline(FrameSource.FromFiles(frames), session, prompts)
            {
                Sinks = [sink],
                Tracked = (_, _) => progress?.Report(++written),
            };
            var summary = await pipeline.RunAsync(cancellationToken).ConfigureAwait(false);
            return new(
                tracker.Model,
                mask.Width,
                mask.Height,
                mask.ObjectIds().Count,
                summary.Frames,
                summary.FramesPerSecond,
                summary.Latency(50),
                summary.Latency(99),
                ProcessMemory.PeakMegabytes(),
                summary.Stages.ToDictionary(stage => stage.Key, stage => stage.Value.TotalMilliseconds / summary.Frames, StringComparer.Ordinal),
                summary.Latencies);
        }
    }
}

/// <summary>What a benchmark of the whole model measured.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Width">Width of the frames in pixels.</param>
/// <param name="Height">Height of the frames in pixels.</param>
/// <param name="Objects">Objects tracked.</param>
/// <param name="Frames">Frames tracked.</param>
/// <param name="Fps">Frames per second from the decoding of the first frame to the last mask on disk.</param>
/// <param name="P50Ms">Median time of a frame in the session, in ms.</param>
/// <param name="P99Ms">99th percentile of it.</param>
/// <param name="PeakMemoryMb">Most memory of the process so far, in MB of 2^20 bytes.</param>
/// <param name="Stages">Mean time per frame and stage in ms; decode and write overlap with the others.</param>
/// <param name="Latencies">Time of each frame in the session, in ms.</param>
internal sealed record TrackBenchmarkResult(
    string Model,
    int Width,
    int Height,
    int Objects,
    int Frames,
    double Fps,
    double P50Ms,
    double P99Ms,
    double PeakMemoryMb,
    IReadOnlyDictionary<string, double> Stages,
    IReadOnlyList<double> Latencies)
{
    private const int Tenths = 10;

    /// <summary>Median time of a frame in each tenth of the video, in ms: whether time grows with its length.</summary>
    public IReadOnlyList<double> TenthMs => [.. Enumerable.Range(0, Tenths)
        .Select(i => Latencies.Skip(Latencies.Count * i / Tenths).Take((Latencies.Count * (i + 1) / Tenths) - (Latencies.Count * i / Tenths)).Order().ToArray())
        .Select(part => part.Length == 0 ? double.NaN : part[part.Length / 2])];
}
