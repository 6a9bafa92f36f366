namespace HqTrack.Evaluation.Tracking;

/// <summary>Time one sequence took; no frames where its masks were already there.</summary>
internal sealed record SequenceTiming(string Name, int Frames, TimeSpan Elapsed)
{
    /// <summary>Frames per second over all sequences, from the decoding of a frame to its mask on disk; 0 where nothing was tracked.</summary>
    public static double FramesPerSecond(IReadOnlyCollection<SequenceTiming> timings)
    {
        var seconds = timings.Sum(timing => timing.Elapsed.TotalSeconds);
        return seconds > 0 ? timings.Sum(timing => timing.Frames) / seconds : 0;
    }
}
