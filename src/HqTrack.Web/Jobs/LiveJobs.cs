using Hangfire;
using Hangfire.Common;

namespace HqTrack.Web.Jobs;

/// <summary>The jobs that wait or are worked on, as the storage knows them.</summary>
internal sealed class LiveJobs(JobStorage storage, DataFolder data)
{
    private const int Page = 500;

    /// <summary>All of them.</summary>
    public HashSet<JobTicket> All()
    {
        var jobs = storage.GetMonitoringApi();
        var found = new HashSet<JobTicket>();
        foreach (var queue in (string[])[HangfireQueue.NameOf(HangfireQueue.Tracking, data), HangfireQueue.NameOf(HangfireQueue.Files, data)])
        {
            Collect(found, from => jobs.EnqueuedJobs(queue, from, Page).Select(entry => entry.Value?.Job));
            Collect(found, from => jobs.FetchedJobs(queue, from, Page).Select(entry => entry.Value?.Job));
        }

        Collect(found, from => jobs.ProcessingJobs(from, Page).Select(entry => entry.Value?.Job));
        Collect(found, from => jobs.ScheduledJobs(from, Page).Select(entry => entry.Value?.Job));
        return found;
    }

    private static void Collect(HashSet<JobTicket> found, Func<int, IEnumerable<Job?>> page)
    {
        for (var from = 0; page(from).ToList() is { Count: > 0 } jobs; from += Page)
        {
            found.UnionWith(jobs.Select(TicketOf).OfType<JobTicket>());
            if (jobs.Count < Page)
            {
                break;
            }
        }
    }

    private static JobTicket? TicketOf(Job? job) => job?.Args is [string project, string number, ..]
        ? job.Method.Name switch
        {
            nameof(TrackingJobs.RunAsync) => new(JobKind.Track, project, number),
            nameof(FileJobs.Export) => new(JobKind.Export, project, number),
            _ => new(JobKind.Frames, project, number),
        }
        : null;
}
