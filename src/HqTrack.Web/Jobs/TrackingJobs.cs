using System.Globalization;
using Hangfire;
using Hangfire.Server;
using Hangfire.States;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Jobs;

/// <summary>
/// Runs of the tracker, as Hangfire calls them. Needs the data folder and something that tracks: any process that sees the folder can be the worker.
/// A job's parameters are all that is stored of it; what to do is read from the project's folder.
/// </summary>
/// <param name="data">The data folder.</param>
/// <param name="runner">Tracks, here or on another machine.</param>
/// <param name="clock">Says when a run ended.</param>
internal sealed class TrackingJobs(DataFolder data, IRunner runner, TimeProvider clock)
{
    private const int Attempts = 3;

    /// <summary>Does a run, or goes on with it. Public because Hangfire asks for that.</summary>
    [AutomaticRetry(Attempts = Attempts, DelaysInSeconds = [1, 5, 20], OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public async Task RunAsync(string project, string number, PerformContext context, CancellationToken cancellation)
    {
        if (ProjectFolder.Find(data.Path, project) is not { } folder)
        {
            return; // deleted since
        }

        var run = int.Parse(number, CultureInfo.InvariantCulture);
        var isEnded = false;
        try
        {
            isEnded = await runner.RunAsync(folder, run, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.CancellationToken.ShutdownToken.IsCancellationRequested)
        {
            // The storage gave the job to another worker.
        }
        catch (Exception e) when (e is not OperationCanceledException && context.GetJobParameter<int>("RetryCount") >= Attempts)
        {
            // The last attempt: the run must not stay unfinished for ever.
            var results = new RunResults(folder);
            new RunEnd(RunEnd.Failed, clock.GetUtcNow(), results.Count(run), $"unforeseen {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}").TryWrite(results.Paths(run));
            throw;
        }

        if (!isEnded && !IsOwn(context))
        {
            throw new JobAbortedException(); // ended in any other way, the job would end for the worker that has it now
        }
    }

    // Whether the storage still says that this process works on the job. It does where a second job for the same run has taken it over.
    private static bool IsOwn(PerformContext context) =>
        context.Connection.GetStateData(context.BackgroundJob.Id) is { } state && state.Name == ProcessingState.StateName
        && state.Data.TryGetValue("ServerId", out var server) && server == context.ServerId;
}
