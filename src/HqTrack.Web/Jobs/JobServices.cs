using Hangfire;
using Hangfire.InMemory;

namespace HqTrack.Web.Jobs;

/// <summary>
/// Hangfire in a process. The storage is the only thing that decides how far workers may be: in memory they are in this process and the queue is made
/// anew from the projects' folders at each start; in a database they are wherever the data folder is seen.
/// </summary>
internal static class JobServices
{
    /// <summary>Adds the queue; <paramref name="storage"/> configures Hangfire's storage, null takes memory.</summary>
    public static IServiceCollection AddJobQueue(this IServiceCollection services, string data, Action<IGlobalConfiguration>? storage = null)
    {
        services.AddSingleton(new DataFolder(data));
        services.AddSingleton<IJobQueue, HangfireQueue>();
        return services.AddHangfire(hangfire =>
        {
            hangfire.UseRecommendedSerializerSettings().UseSimpleAssemblyNameTypeSerializer();
            (storage ?? (memory => memory.UseInMemoryStorage()))(hangfire);
        });
    }

    /// <summary>Adds a worker for runs of the tracker. An <see cref="HqTracker"/> must be among the services.</summary>
    public static IServiceCollection AddTrackingWorker(this IServiceCollection services) =>
        services.AddTransient<TrackingJobs>().AddHangfireServer(server => Worker(server, HangfireQueue.Tracking));

    /// <summary>Adds a worker for exports and uploads.</summary>
    public static IServiceCollection AddFileWorker(this IServiceCollection services) =>
        services.AddTransient<FileJobs>().AddHangfireServer(server => Worker(server, HangfireQueue.Files));

    private static void Worker(BackgroundJobServerOptions server, string queue)
    {
        server.Queues = [queue];
        server.WorkerCount = 1;
        server.ServerName = $"{Environment.MachineName}:{Environment.ProcessId}:{queue}";
        server.ShutdownTimeout = TimeSpan.FromSeconds(20);
    }
}
