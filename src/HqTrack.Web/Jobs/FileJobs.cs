using Hangfire;
using HqTrack.Web.Exporting;
using HqTrack.Web.Ingest;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Jobs;

/// <summary>Exports and uploads, as Hangfire calls them; in the process that serves, for they edit projects and tell of it.</summary>
internal sealed class FileJobs(ProjectStore store, FrameIngest ingest, TimeProvider clock)
{
    /// <summary>Writes an export. Public because Hangfire asks for that.</summary>
    [AutomaticRetry(Attempts = 2, DelaysInSeconds = [1, 5], OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public void Export(string project, string id, CancellationToken cancellation)
    {
        if (store.Find(project) is { } found)
        {
            new ExportWork(found, clock).Run(id, cancellation);
        }
    }

    /// <summary>Makes frames of an upload. Public because Hangfire asks for that.</summary>
    [AutomaticRetry(Attempts = 2, DelaysInSeconds = [1, 5], OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public async Task AddFramesAsync(string project, string id, CancellationToken cancellation)
    {
        if (store.Find(project) is { } found)
        {
            await ingest.RunAsync(found, id, cancellation).ConfigureAwait(false);
        }
    }
}
