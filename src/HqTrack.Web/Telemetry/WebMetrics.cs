using System.Diagnostics.Metrics;
using HqTrack.Web.Api;
using HqTrack.Web.Live;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Telemetry;

/// <summary>What the server tells of itself: instruments of the meter "HqTrack.Web", beside those of the library and of ASP.NET. docs/serve.md lists them.</summary>
internal sealed class WebMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "HqTrack.Web";

    private readonly Meter meter = new(Name);

    /// <summary>Starts telling.</summary>
    public WebMetrics(ProjectStore store)
    {
        meter.CreateObservableGauge("projects", () => store.Count, "{project}", "Projects in the data folder.");
        meter.CreateObservableGauge("runs.active", () => store.Loaded.Count(project => project.ActiveRun() is not null), "{run}", "Runs of the tracker that have not ended.");
        meter.CreateObservableGauge("event_streams", () => EventEndpoint.Open, "{stream}", "Event streams that are open.");
        Refused = meter.CreateCounter<long>("refused", "{request}", "Requests that were refused, by code.");
    }

    /// <summary>refused: requests that got a problem document, by its code.</summary>
    public Counter<long> Refused { get; }

    public void Dispose() => meter.Dispose();
}
