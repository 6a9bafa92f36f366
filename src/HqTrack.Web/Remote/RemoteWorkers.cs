using System.Collections.Concurrent;
using Hangfire;
using HqTrack.Web.Api;
using HqTrack.Web.Inference;
using HqTrack.Web.Jobs;

namespace HqTrack.Web.Remote;

/// <summary>The workers on other machines that a server knows. One that has sent nothing for <see cref="ServeOptions.Lost"/> is taken for dead, and its run goes back to the queue.</summary>
internal sealed class RemoteWorkers(ServeOptions options, DataFolder data, JobStorage storage, Engine engine, TimeProvider clock, ILogger<RemoteWorkers> logger) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(0.5);

    private readonly ConcurrentDictionary<string, RemoteSlot> slots = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim joining = new(1);

    /// <summary>Longest that a request for a run waits for one.</summary>
    public TimeSpan Wait => options.Lost / 3;

    /// <summary>How many there are.</summary>
    public int Count => slots.Count;

    /// <summary>Takes a worker in.</summary>
    /// <exception cref="ApiException">It is of another version or has another model, or there are as many as may be.</exception>
    public async Task<WorkerDocument> JoinAsync(WorkerHello hello, CancellationToken cancellation)
    {
        var own = WorkerHello.Of(engine.Tracker);
        if ((hello.Version, hello.Model) != (own.Version, own.Model))
        {
            throw ApiException.Conflict("worker-differs", $"the server has version {own.Version} with {own.Model}, the worker {RemoteChecks.Line(hello.Version)} with {RemoteChecks.Line(hello.Model)}; results would differ: start both alike.");
        }

        _ = Lookup.CheckName(hello.Machine, "machine");
        await joining.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (slots.Count >= options.Limits.RemoteWorkers)
            {
                throw new ApiException(StatusCodes.Status503ServiceUnavailable, "too-many", $"{options.Limits.RemoteWorkers} workers are here, which is the limit; try again later.");
            }

            var slot = new RemoteSlot(hello, data, options.Jobs, storage, clock);
            slots[slot.Id] = slot;
            logger.Joined(slot.Name);
            return new(slot.Id, options.Lost.TotalSeconds);
        }
        finally
        {
            joining.Release();
        }
    }

    /// <summary>A worker that is known; it has just given a sign of life.</summary>
    /// <exception cref="ApiException">It is not known, or was taken for dead.</exception>
    public RemoteSlot Find(string worker)
    {
        var slot = slots.GetValueOrDefault(worker) ?? throw RemoteChecks.Lost();
        slot.Touch();
        return slot;
    }

    /// <summary>A worker goes; its run goes back to the queue.</summary>
    public async Task LeaveAsync(string worker)
    {
        if (slots.TryRemove(worker, out var slot))
        {
            await slot.DisposeAsync().ConfigureAwait(false);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(slots.Keys.Select(LeaveAsync)).ConfigureAwait(false);
    }

    public override void Dispose()
    {
        joining.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                await BuryAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task BuryAsync()
    {
        foreach (var (id, slot) in slots.Where(entry => entry.Value.Silence > options.Lost).ToList())
        {
            logger.Dead(slot.Name, options.Lost.TotalSeconds);
            try
            {
                await LeaveAsync(id).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException) // whatever the storage's client throws, the other workers are looked after
            {
                logger.NotBuried(slot.Name, e.Message.ReplaceLineEndings(" ")); // the storage is away, and sees by itself that nobody holds the run
            }
        }
    }
}

internal static partial class RemoteWorkersLog
{
    [LoggerMessage(6, LogLevel.Information, "Worker {Name} is here")]
    public static partial void Joined(this ILogger logger, string name);

    [LoggerMessage(13, LogLevel.Warning, "Worker {Name} was not signed off in the job store: {Reason}")]
    public static partial void NotBuried(this ILogger logger, string name, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Worker {Name} sent nothing for {Seconds} s; its run goes back to the queue")]
    public static partial void Dead(this ILogger logger, string name, double seconds);
}
