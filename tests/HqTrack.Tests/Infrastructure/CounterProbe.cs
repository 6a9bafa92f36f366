using System.Diagnostics.Metrics;
using HqTrack.Runtime;

namespace HqTrack.Tests.Infrastructure;

/// <summary>Sums what one of the library's counters reports while it listens.</summary>
internal sealed class CounterProbe : IDisposable
{
    private readonly MeterListener listener = new();
    private long total;

    public CounterProbe(string instrument)
    {
        listener.InstrumentPublished = (published, self) =>
        {
            if (published.Meter.Name == Telemetry.Name && published.Name == instrument)
            {
                self.EnableMeasurementEvents(published);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref total, value));
        listener.Start();
    }

    public long Total => Interlocked.Read(ref total);

    public void Dispose() => listener.Dispose();
}
