using System.Globalization;
using System.Threading.Channels;
using HqTrack.Media;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Remote;

/// <summary>
/// An attempt at a run whose project lies with a server. What decides about the run is fetched first, frames as they are needed; results are pushed
/// beside the tracking, so that it waits for the network only where that is slower.
/// </summary>
internal sealed class RemoteRun : IRunSite, IAsyncDisposable
{
    private readonly RemoteServer server;
    private readonly RemoteMirror mirror;
    private readonly RemotePush push;
    private readonly CancellationTokenSource end = new();
    private readonly Task beating;
    private readonly string path;
    private volatile bool isStopped;

    private RemoteRun(RemoteServer server, string path, TimeSpan beat)
    {
        (this.server, mirror, this.path) = (server, new(), path);
        push = new(server, path, state => isStopped |= state.Stop, end.Token);
        beating = BeatAsync(beat);
    }

    public bool IsStopped => isStopped;

    /// <summary>Cancelled when the run is not this worker's any more, or the server is gone for good.</summary>
    public CancellationToken Ended => end.Token;

    /// <summary>Why it was; null where it was not.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Fetches what decides about a run; the server hears of the worker while that lasts.</summary>
    /// <param name="server">The server.</param>
    /// <param name="worker">What the server calls this worker.</param>
    /// <param name="lease">The run.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="MediaException">The disk refuses, or what came is damaged.</exception>
    public static async Task<RemoteRun> OpenAsync(RemoteServer server, WorkerDocument worker, LeaseDocument lease, CancellationToken cancellation)
    {
        var run = new RemoteRun(server, PathOf(worker, lease), TimeSpan.FromSeconds(worker.LostAfterSeconds / 3));
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, run.Ended);
        try
        {
            await run.mirror.FillAsync(server, run.path, lease, both.Token).ConfigureAwait(false);
            return run;
        }
        catch (Exception e)
        {
            await run.DisposeAsync().ConfigureAwait(false);
            throw e is OperationCanceledException && run.Failure is { } failure ? failure : e;
        }
    }

    /// <summary>Says that an attempt failed in a way that another may not.</summary>
    public static async Task BreakAsync(RemoteServer server, WorkerDocument worker, LeaseDocument lease, Exception e, CancellationToken cancellation) =>
        await server.TellAsync($"{PathOf(worker, lease)}/end", new LeaseEnd(LeaseEnd.Broken, $"{e.GetType().Name}: {e.Message}"), cancellation).ConfigureAwait(false);

    public RunPlan Plan() => mirror.Plan;

    public async Task<Frame> LoadAsync(int index, CancellationToken cancellation) =>
        mirror.Decode(index, await server.FetchAsync(string.Create(CultureInfo.InvariantCulture, $"{path}/frames/{index}"), null, cancellation).ConfigureAwait(false));

    public (RunCheckpoint At, string Session)? Checkpoint() => mirror.Checkpoint;

    public ValueTask WriteAsync(TrackedFrame frame) => push.AddAsync(TrackedDocument.Of(RunFrame.Of(frame), IndexedPng.Encode(frame.Labels)));

    public void Save(RunCheckpoint at, Action<string> save)
    {
        var file = mirror.NewSession();
        save(file);
        push.Add(at, file);
    }

    public async Task EndAsync(string state, string? error, CancellationToken cancellation)
    {
        await push.FinishAsync(withCheckpoint: false).ConfigureAwait(false);
        await TellEndAsync(new(state, error), cancellation).ConfigureAwait(false);
    }

    /// <summary>Pushes what is written and the newest checkpoint, for the worker that goes on.</summary>
    public Task FlushAsync() => push.FinishAsync(withCheckpoint: true);

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync().ConfigureAwait(false);
        await beating.ConfigureAwait(false);
        await push.DisposeAsync().ConfigureAwait(false);
        mirror.Dispose();
        end.Dispose();
    }

    private static string PathOf(WorkerDocument worker, LeaseDocument lease) => $"workers/{worker.Worker}/leases/{lease.Lease}";

    private async Task TellEndAsync(LeaseEnd said, CancellationToken cancellation)
    {
        try
        {
            await server.TellAsync($"{path}/end", said, cancellation).ConfigureAwait(false);
        }
        catch (LeaseLostException) when (Failure is null)
        {
            // It was told before, and the answer was lost; or another worker has the run, with all its frames.
        }
    }

    private async Task BeatAsync(TimeSpan interval)
    {
        try
        {
            using var timer = new PeriodicTimer(interval);
            while (await timer.WaitForNextTickAsync(end.Token).ConfigureAwait(false))
            {
                isStopped |= await server.TellAsync($"{path}/beat", null, end.Token).ConfigureAwait(false) is { Stop: true };
            }
        }
        catch (OperationCanceledException)
        {
            // The attempt is over.
        }
        catch (Exception e) when (e is LeaseLostException or RemoteException)
        {
            Failure = e;
            await end.CancelAsync().ConfigureAwait(false);
        }
    }
}
