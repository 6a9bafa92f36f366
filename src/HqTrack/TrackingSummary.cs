namespace HqTrack;

/// <summary>What a run of the pipeline took.</summary>
/// <param name="Frames">Frames tracked and written.</param>
/// <param name="Elapsed">From the decoding of the first frame to the last result written.</param>
/// <param name="Stages">Total time per stage: decode, encoder, propagation, decoder, merge, remember, write; the stages overlap.</param>
/// <param name="Latencies">Milliseconds each frame spent in the session, in order.</param>
internal sealed record TrackingSummary(int Frames, TimeSpan Elapsed, IReadOnlyDictionary<string, TimeSpan> Stages, IReadOnlyList<double> Latencies)
{
    /// <summary>Frames per second, end to end.</summary>
    public double FramesPerSecond => Elapsed > TimeSpan.Zero ? Frames / Elapsed.TotalSeconds : 0;

    /// <summary>Nearest-rank percentile of the latencies in milliseconds, <paramref name="percent"/> in 0..100; 0 without frames.</summary>
    public double Latency(double percent)
    {
        if (Latencies.Count == 0)
        {
            return 0;
        }

        var sorted = Latencies.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
