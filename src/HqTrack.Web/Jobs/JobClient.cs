namespace HqTrack.Web.Jobs;

/// <summary>The queue for a command that neither serves nor works.</summary>
internal sealed class JobClient : IDisposable
{
    private readonly ServiceProvider services;

    private JobClient(ServiceProvider services) => this.services = services;

    /// <summary>Takes jobs.</summary>
    public IJobQueue Queue => services.GetRequiredService<IJobQueue>();

    /// <summary>Connects.</summary>
    /// <exception cref="JobStoreException">The store cannot be used.</exception>
    public static JobClient Open(DataFolder data, JobStore store)
    {
        store.Prepare();
        return new(new ServiceCollection().AddLogging().AddJobQueue(data, store).BuildServiceProvider());
    }

    public void Dispose() => services.Dispose();
}
