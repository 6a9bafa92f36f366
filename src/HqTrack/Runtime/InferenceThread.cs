using System.Runtime.ExceptionServices;

namespace HqTrack.Runtime;

/// <summary>
/// The one thread that owns a model. torch's grad mode and dispose scopes are per thread, so work goes to the thread instead of
/// the model to the work. Interactive work (a prompt someone waits for) goes ahead of queued tracking frames.
/// </summary>
internal sealed class InferenceThread : IDisposable
{
    private readonly Lock gate = new();
    private readonly Queue<Action> interactive = new();
    private readonly Queue<Action> background = new();
    private readonly SemaphoreSlim pending = new(0);
    private readonly Thread thread;
    private bool closed;

    /// <summary>Starts the thread.</summary>
    public InferenceThread(string name = "hqtrack inference")
    {
        thread = new Thread(Loop) { IsBackground = true, Name = name };
        thread.Start();
    }

    /// <summary>Queues work; the task ends with its result or exception. Cancellation holds until the work has started.</summary>
    public Task<T> RunAsync<T>(Func<T> work, bool isInteractive = false, CancellationToken cancellationToken = default)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(
            () =>
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    completion.TrySetCanceled(cancellationToken);
                    return;
                }

                try
                {
                    completion.TrySetResult(work());
                }
                catch (Exception e)
                {
                    completion.TrySetException(e);
                }
            },
            isInteractive);
        return completion.Task;
    }

    /// <summary>Runs work on the thread and waits; called from the thread itself it runs at once.</summary>
    public T Run<T>(Func<T> work, bool isInteractive = false)
    {
        if (Thread.CurrentThread == thread)
        {
            return work();
        }

        try
        {
            return RunAsync(work, isInteractive).Result;
        }
        catch (AggregateException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    /// <summary>Runs work without a result on the thread and waits.</summary>
    public void Run(Action work, bool isInteractive = false) => Run(
        () =>
        {
            work();
            return true;
        },
        isInteractive);

    /// <summary>Lets queued work finish, then ends the thread.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (closed)
            {
                return;
            }

            closed = true;
        }

        pending.Release();
        thread.Join();
        pending.Dispose();
    }

    private void Post(Action work, bool isInteractive)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            (isInteractive ? interactive : background).Enqueue(work);
        }

        pending.Release();
    }

    private void Loop()
    {
        while (true)
        {
            pending.Wait();
            Action? work;
            lock (gate)
            {
                if (!interactive.TryDequeue(out work) && !background.TryDequeue(out work))
                {
                    return; // only Dispose releases without queueing
                }
            }

            work();
            AllocatorMemory.ReturnLater();
        }
    }
}
