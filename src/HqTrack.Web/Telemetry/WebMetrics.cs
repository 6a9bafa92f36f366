using System.Diagnostics.Metrics;
using HqTrack.Web.Api;
using HqTrack.Web.Jobs;
using HqTrack.Web.Live;
using HqTrack.Web.Projects;
using HqTrack.Web.Remote;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Telemetry;

/// <summary>What the server tells of itself: instruments of the meter "HqTrack.Web", beside those of the library and of ASP.NET. docs/serve.md lists them.</summary>
internal sealed class WebMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "HqTrack.Web";

    private readonly Meter meter = new(Name);

    /// <summary>Starts telling.</summary>
    public WebMetrics(ProjectStore store, RemoteWorkers workers)
    {
        meter.CreateObservableGauge("projects", () => store.Count, "{project}", "Projects in the data folder.");
        meter.CreateObservableGauge("runs.active", () => store.Loaded.Count(project => project.ActiveRun() is not null), "{run}", "Runs of the tracker that have not ended.");
        meter.CreateObservableGauge("jobs", () => Jobs(store), "{job}", "Runs of the tracker that wait, are worked on, or failed, by state.");
        meter.CreateObservableGauge("workers.remote", () => workers.Count, "{worker}", "Workers that pull frames from this server.");
        meter.CreateObservableGauge("event_streams", () => EventEndpoint.Open, "{stream}", "Event streams that are open.");
        Refused = meter.CreateCounter<long>("refused", "{request}", "Requests that were refused, by code.");
    }

    /// <summary>refused: requests that got a problem document, by its code.</summary>
    public Counter<long> Refused { get; }

    public void Dispose() => meter.Dispose();

    // Each state is told of, also where no job is in it.
    private static IEnumerable<Measurement<int>> Jobs(ProjectStore store)
    {
        var states = store.Loaded.SelectMany(project => project.Now.State.Runs.Select(run => project.StateOf(run.Number))).CountBy(state => state).ToDictionary();
        return ((string[])[JobRecord.Queued, JobRecord.Running, RunEnd.Failed]).Select(state => new Measurement<int>(states.GetValueOrDefault(state), new KeyValuePair<string, object?>("state", state)));
    }
}
