using System.Globalization;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Media;

namespace HqTrack.Cli.Commands;

/// <summary>
/// --max-memory: before the run the objects are tracked at two small sizes, in sessions of their own whose memory is full, and the most memory
/// that was resident is measured by the process. What a frame needs grows with its pixels, so the two give the largest size that fits beside
/// the frames that the run holds. The number of objects is nothing to choose: they are worked on ten at a time, boxes of the refiner by four.
/// </summary>
internal static class MemoryBudget
{
    private const int Smallest = 96;
    private const int MostRemembered = 500; // each is tracked at both sizes
    private const double Reserve = 0.85; // writing and what the allocator keeps; with two threads up to a tenth
    private const double Megabyte = 1024 * 1024;

    /// <summary>The short side to work at, at most the one asked for.</summary>
    /// <param name="budget">Bytes.</param>
    /// <param name="tracker">The model, with the short side asked for.</param>
    /// <param name="plan">Which objects there are.</param>
    /// <param name="source">The video.</param>
    /// <exception cref="UsageException">Not even the smallest size fits, or the model's memory grows with the video.</exception>
    public static int ShortSide(long budget, HqTracker tracker, TrackingPlan plan, PeekedSource source)
    {
        var remembered = tracker.RememberedOf(source.Count);
        if (remembered is null or > MostRemembered)
        {
            throw new UsageException($"'{tracker.Model}' would remember {remembered?.ToString(CultureInfo.InvariantCulture) ?? "an unknown number of"} frames of this video, and --max-memory can be kept with {MostRemembered} at most; give --memory-bound N with it.");
        }

        var wanted = tracker.MaxSize;
        var held = TrackingPipeline.HeldBytes(source, plan) / Megabyte;
        var (small, large) = (Math.Min(wanted, Smallest), Math.Min(wanted, Smallest * 2));
        var atSmall = Peak(() => Probe(tracker, small, plan, source.First, remembered.Value));
        var atLarge = large > small ? Peak(() => Probe(tracker, large, plan, source.First, remembered.Value)) : atSmall;
        var perPixel = large > small ? Math.Max(0, atLarge - atSmall) / (((double)large * large) - ((double)small * small)) : 0;
        var room = (budget / Megabyte * Reserve) - held - atSmall;
        if (room < 0)
        {
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture,
                $"--max-memory {budget / Megabyte:0}M is too little: the model, its smallest frame and {held:0} MB of the video's frames take {(atSmall + held) / Reserve:0} MB here; give at least that, or another --model."));
        }

        var fits = perPixel == 0 ? wanted : (int)Math.Sqrt(((double)small * small) + (room / perPixel));
        return Math.Min(wanted, Math.Max(small, fits / 16 * 16));
    }

    // All objects that are pointed out, in one frame again and again: the pictures do not matter for the memory.
    private static void Probe(HqTracker tracker, int shortSide, TrackingPlan plan, Frame frame, int remembered)
    {
        using var session = tracker.StartProbe(shortSide);
        var known = new HashSet<int>();
        foreach (var prompt in (plan.Forward ?? plan.Backward)!.Actions.Values.Select(action => action.Add).OfType<Prompt>())
        {
            if (known.Add(prompt.Ids[0]))
            {
                session.Add(frame, prompt);
            }
        }

        for (var i = 0; i <= remembered; i++)
        {
            session.Track(frame);
        }
    }

    private static double Peak(Action work)
    {
        ProcessMemory.ResetPeak();
        work();
        return ProcessMemory.PeakMegabytes();
    }
}
