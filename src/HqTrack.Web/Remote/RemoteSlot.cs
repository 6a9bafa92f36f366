using System.Globalization;
using System.Security.Cryptography;
using Hangfire;
using HqTrack.Media;
using HqTrack.Web.Jobs;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Remote;

/// <summary>
/// A worker on another machine, as the server has it: a worker of Hangfire whose tracking is done elsewhere. Hangfire owns the queue, so that takeover,
/// retries and the page of queues are those of every worker; disposed, the slot gives its job back to the queue.
/// </summary>
internal sealed class RemoteSlot : IRunner, IAsyncDisposable
{
    private readonly WorkerHello hello;
    private readonly TimeProvider clock;
    private readonly BackgroundJobServer server;
    private readonly Lock gate = new();
    private TaskCompletionSource<RemoteLease> next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RemoteLease? lease;
    private long seen;

    /// <summary>Begins to take jobs for a worker.</summary>
    public RemoteSlot(WorkerHello hello, DataFolder data, JobStore? store, JobStorage storage, TimeProvider clock)
    {
        (this.hello, this.clock) = (hello, clock);
        Touch();
        var options = new BackgroundJobServerOptions { Activator = new Activator(new(data, this, clock)) };
        JobServices.Configure(options, HangfireQueue.NameOf(HangfireQueue.Tracking, data), Name, store);
        server = new(options, storage);
    }

    /// <summary>Its id: what the worker must name.</summary>
    public string Id { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Machine and process of the worker.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{hello.Machine}:{hello.Process}");

    /// <summary>How long the worker has sent nothing.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Volatile.Read(ref seen));

    /// <summary>The worker gave a sign of life.</summary>
    public void Touch() => Volatile.Write(ref seen, clock.GetTimestamp());

    /// <summary>The run that the worker has, if it is this one.</summary>
    public RemoteLease? Find(string id) => Volatile.Read(ref lease) is { } held && held.Id == id ? held : null;

    /// <summary>A run for the worker; the one it has where it asks again.</summary>
    /// <returns>Null where none came in time.</returns>
    public async Task<RemoteLease?> NextAsync(TimeSpan most, CancellationToken cancellation)
    {
        Task<RemoteLease> coming;
        lock (gate)
        {
            coming = next.Task;
        }

        try
        {
            return await coming.WaitAsync(most, clock, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>What the worker is told of a run; one whose files cannot be read here fails, as it would with a worker that sees the folder.</summary>
    /// <returns>Null where it failed.</returns>
    public async Task<LeaseDocument?> DocumentAsync(RemoteLease offered, CancellationToken cancellation)
    {
        try
        {
            return offered.View.Document(offered.Id);
        }
        catch (MediaException e)
        {
            await offered.FailAsync(e.Message, cancellation).ConfigureAwait(false);
            Close(offered);
            return null;
        }
    }

    /// <summary>Does a run on the other machine: offers it, and waits until the worker ends it.</summary>
    public async Task<bool> RunAsync(ProjectFolder folder, int run, CancellationToken cancellation)
    {
        using var site = FolderRun.Claim(folder, run, hello.Machine, hello.Process, clock);
        if (site is null)
        {
            return true;
        }

        RemoteLease offered;
        try
        {
            offered = new(folder, run, site);
        }
        catch (MediaException e)
        {
            await site.EndAsync(RunEnd.Failed, e.Message, cancellation).ConfigureAwait(false);
            return true;
        }

        lock (gate)
        {
            lease = offered;
            next.SetResult(offered);
        }

        try
        {
            return await offered.End.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            Close(offered);
            await offered.CloseAsync().ConfigureAwait(false); // what is being written is written before somebody else may have the run
        }
    }

    /// <summary>The run is not the worker's any more; it may ask for another.</summary>
    public void Close(RemoteLease closed)
    {
        lock (gate)
        {
            if (lease == closed)
            {
                (lease, next) = (null, new(TaskCreationOptions.RunContinuationsAsynchronously));
            }
        }
    }

    /// <summary>Takes no more jobs, and gives the one at hand back.</summary>
    public async ValueTask DisposeAsync()
    {
        server.SendStop();
        await server.WaitForShutdownAsync(CancellationToken.None).ConfigureAwait(false);
        server.Dispose();
    }

    private sealed class Activator(TrackingJobs jobs) : JobActivator
    {
        public override object ActivateJob(Type jobType) => jobs;
    }
}
