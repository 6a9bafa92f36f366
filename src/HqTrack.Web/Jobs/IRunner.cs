using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Jobs;

/// <summary>Does runs of the tracker, one at a time.</summary>
internal interface IRunner
{
    /// <summary>Does a run, or goes on with it.</summary>
    /// <returns>Whether it is at its end; false where another process has taken it over.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the run can be gone on with.</exception>
    Task<bool> RunAsync(ProjectFolder folder, int run, CancellationToken cancellation);
}

/// <summary>Does runs in this process.</summary>
/// <param name="tracker">The model, shared by all runs.</param>
/// <param name="clock">Says when a run was taken and when it ended.</param>
internal sealed class LocalRunner(HqTracker tracker, TimeProvider clock) : IRunner
{
    public async Task<bool> RunAsync(ProjectFolder folder, int run, CancellationToken cancellation)
    {
        using var site = FolderRun.Claim(folder, run, Environment.MachineName, Environment.ProcessId, clock);
        if (site is null)
        {
            return true;
        }

        try
        {
            await new RunWork(site, tracker).RunAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (site.IsSuperseded && !cancellation.IsCancellationRequested)
        {
            return false; // whoever has it does the rest
        }
    }
}
