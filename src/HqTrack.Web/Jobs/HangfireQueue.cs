using Hangfire;

namespace HqTrack.Web.Jobs;

/// <summary>Jobs through Hangfire.</summary>
internal sealed class HangfireQueue(IBackgroundJobClient client) : IJobQueue
{
    /// <summary>Runs of the tracker, one after another in a process: the model is busy with one.</summary>
    public const string Tracking = "tracking";

    /// <summary>Exports and decoding, beside them.</summary>
    public const string Files = "files";

    public void Enqueue(JobTicket ticket) => _ = ticket.Kind switch
    {
        JobKind.Track => client.Enqueue<TrackingJobs>(Tracking, jobs => jobs.RunAsync(ticket.Project, ticket.Number, null!, CancellationToken.None)),
        JobKind.Export => client.Enqueue<FileJobs>(Files, jobs => jobs.Export(ticket.Project, ticket.Number, CancellationToken.None)),
        _ => client.Enqueue<FileJobs>(Files, jobs => jobs.AddFramesAsync(ticket.Project, ticket.Number, CancellationToken.None)),
    };
}
