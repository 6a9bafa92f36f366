using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Remote;

/// <summary>Sends a run's results in their order: frames as many at a time as wait, and the newest checkpoint once its frames are there.</summary>
internal sealed class RemotePush : IAsyncDisposable
{
    private const int MostFrames = RemoteChecks.MostFrames;
    private const int MostBytes = 16 << 20;
    private const int PauseShare = 4; // at most a fifth of the time goes into sending checkpoints

    private readonly Channel<TrackedDocument> waiting = Channel.CreateBounded<TrackedDocument>(MostFrames);
    private readonly RemoteServer server;
    private readonly string path;
    private readonly Action<LeaseState> told;
    private readonly CancellationToken end;
    private readonly Task sending;
    private Checkpoint? newest;
    private int written;
    private int sent;
    private TimeSpan lastTook;
    private long lastSent;

    /// <param name="server">Where to.</param>
    /// <param name="path">The run's path there.</param>
    /// <param name="told">Gets what the server answers.</param>
    /// <param name="end">Gives up what is not sent.</param>
    public RemotePush(RemoteServer server, string path, Action<LeaseState> told, CancellationToken end)
    {
        (this.server, this.path, this.told, this.end) = (server, path, told, end);
        sending = Task.Run(SendAsync, CancellationToken.None);
    }

    /// <summary>Adds a frame; waits where many are not sent yet.</summary>
    public async ValueTask AddAsync(TrackedDocument frame)
    {
        try
        {
            await waiting.Writer.WriteAsync(frame, end).ConfigureAwait(false);
            written++;
        }
        catch (ChannelClosedException)
        {
            await sending.ConfigureAwait(false); // fails with what ended it
            throw;
        }
    }

    /// <summary>Adds a checkpoint after the frames added so far; one that is not sent yet is given up for it. The file is deleted in the end.</summary>
    public void Add(RunCheckpoint at, string file) => Interlocked.Exchange(ref newest, new(at, file, written))?.Delete();

    /// <summary>Waits until everything is sent.</summary>
    public async Task FinishAsync(bool withCheckpoint)
    {
        waiting.Writer.TryComplete();
        await sending.ConfigureAwait(false);
        if (withCheckpoint && Interlocked.Exchange(ref newest, null) is { } last)
        {
            await SendAsync(last).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await sending.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        newest?.Delete();
    }

    private async Task SendAsync()
    {
        try
        {
            while (await waiting.Reader.WaitToReadAsync(end).ConfigureAwait(false))
            {
                var frames = new List<TrackedDocument>();
                for (var bytes = 0; bytes < MostBytes && frames.Count < MostFrames && waiting.Reader.TryRead(out var frame); bytes += frame.Mask.Length)
                {
                    frames.Add(frame);
                }

                Tell(await server.PushAsync($"{path}/frames", new(frames), end).ConfigureAwait(false));
                sent += frames.Count;
                if (Volatile.Read(ref newest) is { } due && due.Written <= sent && Stopwatch.GetElapsedTime(lastSent) > lastTook * PauseShare && Interlocked.CompareExchange(ref newest, null, due) == due)
                {
                    await SendAsync(due).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e)
        {
            waiting.Writer.TryComplete(e); // whoever adds frames gets to know
            throw;
        }
    }

    private async Task SendAsync(Checkpoint checkpoint)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            Tell(await server.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{path}/session?pass={checkpoint.At.Pass}&frame={checkpoint.At.Frame}"), checkpoint.File, end).ConfigureAwait(false));
        }
        finally
        {
            checkpoint.Delete();
        }

        (lastTook, lastSent) = (Stopwatch.GetElapsedTime(start), Stopwatch.GetTimestamp());
    }

    private void Tell(LeaseState? state)
    {
        if (state is not null)
        {
            told(state);
        }
    }

    private sealed record Checkpoint(RunCheckpoint At, string File, int Written)
    {
        public void Delete() => System.IO.File.Delete(File);
    }
}
