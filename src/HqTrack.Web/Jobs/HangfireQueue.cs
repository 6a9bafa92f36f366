using Hangfire;

namespace HqTrack.Web.Jobs;

/// <summary>Jobs through Hangfire.</summary>
internal sealed class HangfireQueue(IBackgroundJobClient client) : IJobQueue
{
    /// <summary>Runs of the tracker, one after another in a process: the model is busy with one.</summary>
    public const string Tracking = "tracking";

    /// <summary>Exports and decoding, beside them.</summary>
    public const string Files = "files";

    public void Enqueue(JobTicket ticket) => client.Enqueue<ProjectJobs>(
        ticket.Kind == JobKind.Track ? Tracking : Files, jobs => jobs.RunAsync(ticket.Kind, ticket.Project, ticket.Number, null!, CancellationToken.None));
}
