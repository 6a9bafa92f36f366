using Hangfire;
using Hangfire.Server;
using HqTrack.Web.Exporting;
using HqTrack.Web.Inference;
using HqTrack.Web.Ingest;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Jobs;

/// <summary>What Hangfire calls. A method's parameters are all that is stored of a job.</summary>
internal sealed class ProjectJobs(ProjectStore store, Engine engine, FrameIngest ingest, TimeProvider clock)
{
    private const int Attempts = 3;

    /// <summary>Does a job. Public because Hangfire asks for that.</summary>
    [AutomaticRetry(Attempts = Attempts, DelaysInSeconds = [1, 5, 20], OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public async Task RunAsync(JobKind kind, string project, string number, PerformContext context, CancellationToken cancellation)
    {
        if (store.Find(project) is not { } found)
        {
            return; // deleted since
        }

        switch (kind)
        {
            case JobKind.Track:
                await TrackAsync(found, int.Parse(number, System.Globalization.CultureInfo.InvariantCulture), context, cancellation).ConfigureAwait(false);
                break;
            case JobKind.Export:
                await Task.Run(() => new ExportWork(found, clock).Run(number, cancellation), CancellationToken.None).ConfigureAwait(false);
                break;
            default:
                await ingest.RunAsync(found, number, cancellation).ConfigureAwait(false);
                break;
        }
    }

    private async Task TrackAsync(Project project, int run, PerformContext context, CancellationToken cancellation)
    {
        try
        {
            await new RunWork(project.Folder, run, engine.Tracker, clock).RunAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && context.GetJobParameter<int>("RetryCount") >= Attempts)
        {
            // The last attempt: the run must not stay unfinished for ever.
            new RunEnd(RunEnd.Failed, clock.GetUtcNow(), project.Runs.Count(run), $"unforeseen {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}").TryWrite(project.Runs.Paths(run));
            throw;
        }
    }
}
