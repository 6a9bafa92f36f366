using System.Globalization;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Media;
using HqTrack.Runtime;

namespace HqTrack.Cli.Commands;

/// <summary>
/// --max-memory: before the run the objects are tracked at two small sizes, in sessions of their own whose memory is full, and the most memory
/// that was resident is measured by the process. What a frame needs grows with the pixels that the network sees, so the two give the largest size
/// that fits beside the frames that the run holds; that one is tried too. The number of objects is nothing to choose: they are worked on ten at a
/// time, boxes of the refiner by four.
/// </summary>
internal sealed class MemoryBudget
{
    private const int Smallest = 96;
    private const int Step = 16;
    private const int MostRemembered = 500; // each is tracked at every size that is tried
    private const double Kept = 0.95;
    private const double Besides = 56; // MB that a run comes to take beside network and frames: compiled code, files being written, checkpoints, what waits for the collector
    private const double Megabyte = 1024 * 1024;

    private readonly HqTracker tracker;
    private readonly TrackingPlan plan;
    private readonly PeekedSource source;
    private readonly int remembered;
    private readonly double held;
    private readonly double room;

    private MemoryBudget(long budget, HqTracker tracker, TrackingPlan plan, PeekedSource source, int remembered)
    {
        (this.tracker, this.plan, this.source, this.remembered) = (tracker, plan, source, remembered);
        held = TrackingPipeline.HeldBytes(source, plan) / Megabyte;
        room = budget / Megabyte * Kept;
    }

    /// <summary>The short side to work at, at most the one asked for.</summary>
    /// <param name="budget">Bytes.</param>
    /// <param name="tracker">The model, with the short side asked for.</param>
    /// <param name="plan">Which objects there are.</param>
    /// <param name="source">The video.</param>
    /// <exception cref="UsageException">Not even the smallest size fits, or the model's memory grows with the video.</exception>
    public static int ShortSide(long budget, HqTracker tracker, TrackingPlan plan, PeekedSource source)
    {
        var remembered = tracker.RememberedOf(source.Count);
        return remembered is null or > MostRemembered
            ? throw new UsageException($"'{tracker.Model}' would remember {remembered?.ToString(CultureInfo.InvariantCulture) ?? "an unknown number of"} frames of this video, and --max-memory can be kept with {MostRemembered} at most; give --memory-bound N with it.")
            : new MemoryBudget(budget, tracker, plan, source, remembered.Value).ShortSide(budget, tracker.MaxSize);
    }

    private int ShortSide(long budget, int wanted)
    {
        var small = Try(Math.Min(wanted, Smallest));
        if (small.Megabytes > room)
        {
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture,
                $"--max-memory {budget / Megabyte:0}M is too little: the model, its smallest frame and {held:0} MB of the video's frames take {small.Megabytes / Kept:0} MB here; give at least that, or another --model."));
        }

        var large = Try(Math.Min(wanted, Smallest * 2));
        var fits = Largest(wanted, small, large);
        return fits > large.ShortSide && Try(fits) is var there && there.Megabytes > room ? Largest(Below(fits), small, there) : fits;
    }

    // The largest size up to one, by what two sizes took.
    private int Largest(int most, Trial small, Trial large)
    {
        var perPixel = large.Pixels > small.Pixels ? (large.Megabytes - small.Megabytes) / (large.Pixels - small.Pixels) : 0;
        bool Fits(int shortSide) => small.Megabytes + (perPixel * (Pixels(shortSide) - small.Pixels)) <= room;
        var size = most;
        while (size > small.ShortSide && !Fits(size))
        {
            size = Below(size);
        }

        return Math.Max(size, small.ShortSide);
    }

    private static int Below(int shortSide) => (shortSide - 1) / Step * Step;

    private long Pixels(int shortSide) => tracker.InputPixels(source.First, shortSide);

    private Trial Try(int shortSide)
    {
        GC.Collect();
        AllocatorMemory.Return(); // what an earlier trial left is not this one's
        ProcessMemory.ResetPeak();
        Track(shortSide);
        return new(shortSide, Pixels(shortSide), ProcessMemory.PeakMegabytes() + held + Besides);
    }

    // All objects that are pointed out, in one frame again and again: the pictures do not matter for the memory. Both ways have sessions at the same time.
    private void Track(int shortSide)
    {
        using var backward = TrackPass(plan.Backward, shortSide);
        using var forward = TrackPass(plan.Forward, shortSide);
    }

    private TrackingSession? TrackPass(TrackingPass? pass, int shortSide)
    {
        if (pass is null)
        {
            return null;
        }

        var session = tracker.StartProbe(shortSide);
        foreach (var prompt in pass.Actions.Values.Select(action => action.Add).OfType<Prompt>())
        {
            session.Add(source.First, prompt);
        }

        for (var i = 0; i <= remembered; i++)
        {
            session.Track(source.First);
        }

        return session;
    }

    private readonly record struct Trial(int ShortSide, long Pixels, double Megabytes);
}
