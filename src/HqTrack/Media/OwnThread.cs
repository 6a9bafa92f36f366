namespace HqTrack.Media;

/// <summary>
/// Work that mostly waits for another program, on a thread of its own. Were it queued to the thread pool, whoever waits for it there, on a
/// machine with one core, would wait until the pool thinks of another thread.
/// </summary>
internal static class OwnThread
{
    /// <summary>Runs work; the task ends with its result or exception.</summary>
    public static Task<T> Run<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Runs work without a result.</summary>
    public static Task Run(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
