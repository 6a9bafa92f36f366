using System.Globalization;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Media;

namespace HqTrack.Cli.Commands;

/// <summary>
/// --max-memory: before the run a few frames are tracked at two small sizes in a session of their own, and the most memory that was resident
/// is measured by the process. What a frame needs grows with its pixels, so the two give the largest size that fits.
/// </summary>
internal static class MemoryBudget
{
    private const int Smallest = 96;
    private const int ProbeFrames = 4;
    private const double Reserve = 0.85; // decoding, writing and what the allocator keeps; with two threads up to a tenth
    private const double Megabyte = 1024 * 1024;

    /// <summary>The short side to work at, at most the one asked for.</summary>
    /// <param name="budget">Bytes.</param>
    /// <param name="wanted">The short side asked for.</param>
    /// <param name="track">Tracks some frames at a short side, in a session of its own.</param>
    /// <exception cref="UsageException">Not even the smallest size fits.</exception>
    public static int ShortSide(long budget, int wanted, Action<int, int> track)
    {
        var (small, large) = (Math.Min(wanted, Smallest), Math.Min(wanted, Smallest * 2));
        var atSmall = Peak(() => track(small, ProbeFrames));
        var atLarge = large > small ? Peak(() => track(large, ProbeFrames)) : atSmall;
        var perPixel = large > small ? Math.Max(0, atLarge - atSmall) / (((double)large * large) - ((double)small * small)) : 0;
        var room = (budget / Megabyte * Reserve) - atSmall;
        if (room < 0)
        {
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture, $"--max-memory {budget / Megabyte:0}M is too little: the model and its smallest frame take {atSmall / Reserve:0} MB here; give at least that, or another --model."));
        }

        var fits = perPixel == 0 ? wanted : (int)Math.Sqrt(((double)small * small) + (room / perPixel));
        return Math.Min(wanted, Math.Max(small, fits / 16 * 16));
    }

    private static double Peak(Action work)
    {
        ProcessMemory.ResetPeak();
        work();
        return ProcessMemory.PeakMegabytes();
    }
}
