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
    public static IServiceCollection AddTrackingWorker(this IServiceCollection services, JobStore? store) =>
        services.AddTransient<TrackingJobs>().AddHangfireServer((provider, server) => Worker(server, HangfireQueue.NameOf(HangfireQueue.Tracking, provider.GetRequiredService<DataFolder>()), store));

    /// <summary>Adds a worker for exports and uploads.</summary>
    public static IServiceCollection AddFileWorker(this IServiceCollection services, JobStore? store) =>
        services.AddTransient<FileJobs>().AddHangfireServer((provider, server) => Worker(server, HangfireQueue.NameOf(HangfireQueue.Files, provider.GetRequiredService<DataFolder>()), store));

    private static void Worker(BackgroundJobServerOptions server, string queue, JobStore? store)
    {
        server.Queues = [queue];
        server.WorkerCount = 1;
        server.ServerName = $"{Environment.MachineName}:{Environment.ProcessId}:{queue}";
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
