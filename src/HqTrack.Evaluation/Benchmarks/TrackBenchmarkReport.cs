namespace HqTrack.Evaluation.Benchmarks;

/// <summary>One run of the whole-model benchmark with its settings.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Width">Of the frames, pixels.</param>
/// <param name="Height">Of the frames, pixels.</param>
/// <param name="Objects">Objects tracked.</param>
/// <param name="Frames">Frames tracked.</param>
/// <param name="MemoryGap">Frames between two entries of the long-term memory; null for the model's.</param>
/// <param name="Threads">Threads of the tensor library.</param>
/// <param name="Fps">Frames per second from the decoding of the first frame to the last mask on disk.</param>
/// <param name="P50Ms">Median time of a frame in the session.</param>
/// <param name="P99Ms">99th percentile of it.</param>
/// <param name="PeakMemoryMb">Most memory of the process, in MB of 2^20 bytes.</param>
/// <param name="TenthMs">Median time of a frame in each tenth of the video.</param>
/// <param name="LastToFirstTenth">The last of them over the first.</param>
/// <param name="Stages">Milliseconds a frame: decode, encoder, propagation, decoder, merge, remember, write; decode and write overlap with the others.</param>
internal sealed record TrackBenchmarkReport(
    string Model,
    int Width,
    int Height,
    int Objects,
    int Frames,
    int? MemoryGap,
    int Threads,
    double Fps,
    double P50Ms,
    double P99Ms,
    double PeakMemoryMb,
    IReadOnlyList<double> TenthMs,
    double LastToFirstTenth,
    IReadOnlyDictionary<string, double> Stages)
{
    /// <summary>Takes a result over.</summary>
    /// <param name="result">What was measured.</param>
    /// <param name="memoryGap">The gap asked for, or null.</param>
    /// <param name="threads">Threads of the tensor library.</param>
    public static TrackBenchmarkReport Of(TrackBenchmarkResult result, int? memoryGap, int threads) => new(
        result.Model,
        result.Width,
        result.Height,
        result.Objects,
        result.Frames,
        memoryGap,
        threads,
        result.Fps,
        result.P50Ms,
        result.P99Ms,
        result.PeakMemoryMb,
        result.TenthMs,
        result.TenthMs[^1] / result.TenthMs[0],
        result.Stages);
}
