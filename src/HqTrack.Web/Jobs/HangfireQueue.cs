using Hangfire;

namespace HqTrack.Web.Jobs;

/// <summary>Jobs through Hangfire.</summary>
internal sealed class HangfireQueue(IBackgroundJobClient client, DataFolder data) : IJobQueue
{
    /// <summary>Runs of the tracker, one after another in a process: the model is busy with one.</summary>
    public const string Tracking = "tracking";

    /// <summary>Exports and decoding, beside them.</summary>
    public const string Files = "files";

    private readonly string tracking = NameOf(Tracking, data);
    private readonly string files = NameOf(Files, data);

    /// <summary>A queue of one data folder.</summary>
    public static string NameOf(string queue, DataFolder data) => $"{queue}-{data.Id}";

    public void Enqueue(JobTicket ticket)
    {
        try
        {
            _ = ticket.Kind switch
            {
                JobKind.Track => client.Enqueue<TrackingJobs>(tracking, jobs => jobs.RunAsync(ticket.Project, ticket.Number, null!, CancellationToken.None)),
                JobKind.Export => client.Enqueue<FileJobs>(files, jobs => jobs.Export(ticket.Project, ticket.Number, CancellationToken.None)),
                _ => client.Enqueue<FileJobs>(files, jobs => jobs.AddFramesAsync(ticket.Project, ticket.Number, CancellationToken.None)),
            };
        }
        catch (BackgroundJobClientException e)
        {
            throw new JobStoreException($"the job store does not take jobs: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ").TrimEnd('.')}; check --jobs and that its server runs.", e);
        }
    }
}
