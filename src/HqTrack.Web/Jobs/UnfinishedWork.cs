using HqTrack.Web.Exporting;
using HqTrack.Web.Ingest;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Jobs;

/// <summary>At start: what the projects' folders say is not finished is queued again.</summary>
internal sealed class UnfinishedWork(ProjectStore store, IJobQueue queue) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var project in store.All)
        {
            foreach (var run in project.Now.State.Runs.Where(run => project.Runs.End(run.Number) is null))
            {
                queue.Enqueue(new(JobKind.Track, project.Id, run.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            }

            foreach (var export in ExportFiles.Unfinished(project.Folder))
            {
                queue.Enqueue(new(JobKind.Export, project.Id, export));
            }

            foreach (var upload in UploadFiles.Unfinished(project.Folder))
            {
                queue.Enqueue(new(JobKind.Frames, project.Id, upload));
            }
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
