using System.Diagnostics;

namespace HqTrack.Runtime;

/// <summary>Where the time of a session's frames went.</summary>
internal sealed class StageTimes
{
    private readonly Dictionary<string, TimeSpan> total = new(StringComparer.Ordinal);

    /// <summary>Total time per stage so far.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Total => total;

    /// <summary>Runs work and adds its time to a stage.</summary>
    public T Measure<T>(string stage, Func<T> work)
    {
        var start = Stopwatch.GetTimestamp();
        var result = work();
        total[stage] = total.GetValueOrDefault(stage) + Stopwatch.GetElapsedTime(start);
        return result;
    }
}
