using Microsoft.Extensions.Logging.Console;

namespace HqTrack.Web.Remote;

/// <summary>A process that tracks for a server whose data folder it does not see.</summary>
internal sealed class RemoteWorker(RemoteServer server, HqTracker tracker, ILogger logger)
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Works until it is cancelled; the run at hand goes back to the server's queue at its frame.</summary>
    /// <param name="address">The server's.</param>
    /// <param name="token">One of its tokens; null where it needs none.</param>
    /// <param name="patience">For how long the server may be away.</param>
    /// <param name="load">Loads the model, once the server has answered.</param>
    /// <param name="level">Least severe message that is logged to stderr.</param>
    /// <param name="started">Called when it takes jobs.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="RemoteException">The server refuses, or is away for too long.</exception>
    public static async Task RunAsync(Uri address, string? token, TimeSpan patience, Func<HqTracker> load, LogLevel level, Action started, CancellationToken cancellation)
    {
        using var logging = LoggerFactory.Create(builder =>
        {
            builder.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(level);
            builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        });
        var logger = logging.CreateLogger<RemoteWorker>();
        using var http = new PatientHttp(address, token, patience, logger);
        var server = new RemoteServer(http);
        await server.CheckAsync(cancellation).ConfigureAwait(false);
        RemoteFolder.RemoveLeftovers(RemoteFolder.Parent);
        using var tracker = load();
        await new RemoteWorker(server, tracker, logger).RunAsync(started, cancellation).ConfigureAwait(false);
    }

    private async Task RunAsync(Action started, CancellationToken cancellation)
    {
        var hello = WorkerHello.Of(tracker);
        try
        {
            var worker = await server.JoinAsync(hello, isPatient: false, cancellation).ConfigureAwait(false);
            started();
            while (true)
            {
                await WorkAsync(worker, cancellation).ConfigureAwait(false);
                await Task.Delay(Pause, cancellation).ConfigureAwait(false);
                worker = await server.JoinAsync(hello, isPatient: true, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    // Until the server does not know the worker any more.
    private async Task WorkAsync(WorkerDocument worker, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                if (await server.ClaimAsync(worker.Worker, cancellation).ConfigureAwait(false) is { } lease)
                {
                    await TrackAsync(worker, lease, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (LeaseLostException e)
        {
            logger.Lost(server.Address, e.Message);
        }
        finally
        {
            await LeaveAsync(worker).ConfigureAwait(false);
        }
    }

    private async Task TrackAsync(WorkerDocument worker, LeaseDocument lease, CancellationToken cancellation)
    {
        logger.Taken(lease.Project, lease.Run);
        try
        {
            var run = await RemoteRun.OpenAsync(server, worker, lease, cancellation).ConfigureAwait(false);
            await using var own = run.ConfigureAwait(false);
            await TrackAsync(run, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or LeaseLostException or RemoteException { IsRefusal: false }))
        {
            logger.Broken(e, lease.Project, lease.Run); // the run's fault or this machine's: the worker goes on
            await RemoteRun.BreakAsync(server, worker, lease, e, cancellation).ConfigureAwait(false);
        }
    }

    private async Task TrackAsync(RemoteRun run, CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, run.Ended);
        try
        {
            await new Runs.RunWork(run, tracker).RunAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (run.Failure is { } failure)
        {
            throw failure;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await FlushAsync(run).ConfigureAwait(false);
            throw;
        }
    }

    private async Task FlushAsync(RemoteRun run)
    {
        try
        {
            await run.FlushAsync().WaitAsync(FarewellTime, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RemoteException or LeaseLostException or TimeoutException)
        {
            logger.NotFlushed(e.Message);
        }
    }

    private async Task LeaveAsync(WorkerDocument worker)
    {
        try
        {
            using var farewell = new CancellationTokenSource(FarewellTime);
            await server.LeaveAsync(worker.Worker, farewell.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RemoteException or LeaseLostException or OperationCanceledException or HttpRequestException)
        {
            // The server will see that nobody is here.
        }
    }
}

internal static partial class RemoteWorkerLog
{
    [LoggerMessage(9, LogLevel.Warning, "The server at {Server} gave the run to another worker, or was started anew: {Reason}")]
    public static partial void Lost(this ILogger logger, string server, string reason);

    [LoggerMessage(10, LogLevel.Information, "Takes run {Run} of project {Project}")]
    public static partial void Taken(this ILogger logger, string project, int run);

    [LoggerMessage(12, LogLevel.Warning, "The last frames were not sent and are tracked again by the next worker: {Reason}")]
    public static partial void NotFlushed(this ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Error, "Run {Run} of project {Project} failed")]
    public static partial void Broken(this ILogger logger, Exception exception, string project, int run);
}
