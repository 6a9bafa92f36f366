using HqTrack.Media;
using HqTrack.Web.Exporting;
using HqTrack.Web.Ingest;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Jobs;

/// <summary>
/// What the projects' folders say is not finished and no job is there for is queued: at the start, and again and again. So nothing is lost with a queue that
/// was in memory, with a database that was away or set back, or by a command that cannot reach this process's queue.
/// </summary>
internal sealed class UnfinishedWork(ProjectStore store, HangfireQueue queue, LiveJobs live, ILogger<UnfinishedWork> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var ticket in Orphans())
        {
            queue.Enqueue(ticket);
        }

        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        HashSet<JobTicket> seen = [];
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                seen = Sweep(seen);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    // One that is seen twice was not about to be queued, or to end, when it was looked at.
    private HashSet<JobTicket> Sweep(HashSet<JobTicket> seen)
    {
        try
        {
            var orphans = Orphans();
            foreach (var ticket in orphans.Where(seen.Contains))
            {
                queue.Enqueue(ticket);
            }

            return [.. orphans.Where(ticket => !seen.Contains(ticket))];
        }
        catch (Exception e) when (e is JobStoreException or MediaException or IOException or System.Data.Common.DbException or TimeoutException)
        {
            logger.NotSwept(e.Message.ReplaceLineEndings(" "));
            return seen;
        }
    }

    // Folders first: what ends between the two looks is no orphan, what begins is in both.
    private List<JobTicket> Orphans()
    {
        var unfinished = store.All.SelectMany(Unfinished).ToList();
        if (unfinished.Count == 0)
        {
            return [];
        }

        var known = live.All();
        return [.. unfinished.Where(ticket => !known.Contains(ticket))];
    }

    private static IEnumerable<JobTicket> Unfinished(Project project) =>
    [
        .. project.Now.State.Runs.Where(run => project.Runs.End(run.Number) is null).Select(run => new JobTicket(JobKind.Track, project.Id, run.Number.ToString(System.Globalization.CultureInfo.InvariantCulture))),
        .. ExportFiles.Unfinished(project.Folder).Select(export => new JobTicket(JobKind.Export, project.Id, export)),
        .. UploadFiles.Unfinished(project.Folder).Select(upload => new JobTicket(JobKind.Frames, project.Id, upload)),
    ];
}

/// <summary>The queue of a server: a store that is away fails no request, for what is asked is in the project's folder and is queued by <see cref="UnfinishedWork"/>.</summary>
internal sealed class ServedQueue(HangfireQueue queue, ILogger<UnfinishedWork> logger) : IJobQueue
{
    public void Enqueue(JobTicket ticket)
    {
        try
        {
            queue.Enqueue(ticket);
        }
        catch (JobStoreException e)
        {
            logger.NotQueued(ticket.Project, ticket.Number, e.Message);
        }
    }
}

internal static partial class UnfinishedWorkLog
{
    [LoggerMessage(4, LogLevel.Warning, "Looking for unfinished work failed and is tried again: {Reason}")]
    public static partial void NotSwept(this ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Job {Number} of project {Project} is queued later: {Reason}")]
    public static partial void NotQueued(this ILogger logger, string project, string number, string reason);
}
