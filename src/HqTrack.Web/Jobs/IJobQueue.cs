namespace HqTrack.Web.Jobs;

/// <summary>A kind of background work.</summary>
internal enum JobKind
{
    /// <summary>A run of the tracker; the number is the run's.</summary>
    Track,

    /// <summary>An export; the number is the export's id.</summary>
    Export,

    /// <summary>Frames out of an upload; the number is the upload's id.</summary>
    Frames,
}

/// <summary>
/// A job: which piece of a project's work is to be done. What to do is in the project's folder, written before the job is queued, and so is what is
/// done; the queue only says that somebody should look. A job may therefore be queued twice, lost and queued again, or taken from a worker that died:
/// <see cref="Runs.RunWriter"/> lets the newest claim write, and the first end counts.
/// </summary>
/// <param name="Kind">What kind of work.</param>
/// <param name="Project">The project's id.</param>
/// <param name="Number">Which piece.</param>
internal sealed record JobTicket(JobKind Kind, string Project, string Number);

/// <summary>Takes jobs and sees that a worker does them. Hangfire is behind it; its storage decides how far the workers are: in this process (in memory) or anywhere.</summary>
internal interface IJobQueue
{
    /// <summary>Queues a job.</summary>
    void Enqueue(JobTicket ticket);
}
