using System.Diagnostics;
using HqTrack.Runtime;

namespace HqTrack.Cli.Commands;

/// <summary>--max-memory while a run goes on: where the process comes near its budget, everything that is not in use is given back to the system.</summary>
/// <param name="budget">Bytes.</param>
internal sealed class MemoryGuard(long budget)
{
    private const double Near = 0.85;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5); // a collection and giving back take some milliseconds

    private long last = Stopwatch.GetTimestamp();

    /// <summary>To be called after every frame.</summary>
    public void Look()
    {
        if (Stopwatch.GetElapsedTime(last) < Interval)
        {
            return;
        }

        last = Stopwatch.GetTimestamp();
        if (Environment.WorkingSet > Near * budget)
        {
            GC.Collect();
            AllocatorMemory.Return();
        }
    }
}
