using Microsoft.Extensions.Logging.Console;

namespace HqTrack.Web.Jobs;

/// <summary>A process that tracks and does nothing else: Hangfire, a model, and the data folder that a server or a command fills.</summary>
internal static class Worker
{
    /// <summary>Works until it is cancelled; the run at hand is saved at its frame and goes back to the queue.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="store">Where jobs wait, prepared.</param>
    /// <param name="tracker">The model.</param>
    /// <param name="level">Least severe message that is logged to stderr.</param>
    /// <param name="started">Called when it takes jobs.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(DataFolder data, JobStore store, HqTracker tracker, LogLevel level, Action started, CancellationToken cancellation)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(level).AddFilter("Hangfire", LogLevel.Warning);
        builder.Logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(tracker);
        builder.Services.AddJobQueue(data, store).AddTrackingWorker(store);
        using var host = builder.Build();
        await host.StartAsync(cancellation).ConfigureAwait(false);
        started();
        var end = new TaskCompletionSource();
        await using (cancellation.Register(end.SetResult))
        {
            await end.Task.ConfigureAwait(false);
        }

        await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
