using Hangfire;
using Hangfire.InMemory;

namespace HqTrack.Web.Jobs;

/// <summary>
/// Hangfire in a process. The storage is the only thing that decides how far workers may be: in memory they are in this process and the queue is made
/// anew from the projects' folders at each start; in a database they are wherever the data folder is seen.
/// </summary>
internal static class JobServices
{
    private static readonly TimeSpan RetryPoll = TimeSpan.FromSeconds(2);

    private static string OwnName => $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>Adds the queue of a data folder.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="store">Where jobs wait, prepared; null for this process's memory.</param>
    public static IServiceCollection AddJobQueue(this IServiceCollection services, DataFolder data, JobStore? store)
    {
        services.AddSingleton(data);
        services.AddSingleton<HangfireQueue>();
        services.AddSingleton<IJobQueue>(provider => provider.GetRequiredService<HangfireQueue>());
        services.AddSingleton<LiveJobs>();
        return services.AddHangfire(hangfire =>
        {
            hangfire.UseRecommendedSerializerSettings().UseSimpleAssemblyNameTypeSerializer();
            (store is null ? memory => memory.UseInMemoryStorage() : (Action<IGlobalConfiguration>)store.Configure)(hangfire);
        });
    }

    /// <summary>Adds a worker for runs of the tracker. An <see cref="HqTracker"/> must be among the services.</summary>
    public static IServiceCollection AddTrackingWorker(this IServiceCollection services, JobStore? store) => services.AddSingleton<IRunner, LocalRunner>().AddTransient<TrackingJobs>()
        .AddHangfireServer((provider, server) => Configure(server, HangfireQueue.NameOf(HangfireQueue.Tracking, provider.GetRequiredService<DataFolder>()), OwnName, store));

    /// <summary>Adds a worker for exports and uploads.</summary>
    public static IServiceCollection AddFileWorker(this IServiceCollection services, JobStore? store) =>
        services.AddTransient<FileJobs>().AddHangfireServer((provider, server) => Configure(server, HangfireQueue.NameOf(HangfireQueue.Files, provider.GetRequiredService<DataFolder>()), OwnName, store));

    /// <summary>Sets a Hangfire server up that does one job of a queue at a time.</summary>
    /// <param name="server">The options to set.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="name">Machine and process that work, for those who look at the queues.</param>
    /// <param name="store">Where jobs wait; null for this process's memory.</param>
    public static void Configure(BackgroundJobServerOptions server, string queue, string name, JobStore? store)
    {
        server.Queues = [queue];
        server.WorkerCount = 1;
        server.ServerName = $"{name}:{queue}";
        server.ShutdownTimeout = TimeSpan.FromSeconds(20);
        if (store is not null)
        {
            server.SchedulePollingInterval = RetryPoll;
            server.HeartbeatInterval = store.Lost / 3;
            server.ServerCheckInterval = store.Lost;
            server.ServerTimeout = store.Lost * 2;
        }
    }
}
