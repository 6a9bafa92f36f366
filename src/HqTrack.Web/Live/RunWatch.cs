using HqTrack.Web.Api;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Live;

/// <summary>
/// Tells listeners how runs go. It looks at the files that runs write, as the endpoints do, so runs of other processes and machines are told of too.
/// Projects without listeners are not looked at.
/// </summary>
internal sealed class RunWatch(ProjectStore store) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private const int TicksPerBeat = 75; // 15 s

    private readonly Dictionary<string, RunDocument> told = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            for (var tick = 1; await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false); tick++)
            {
                foreach (var project in store.Loaded.Where(project => project.Events.Count > 0))
                {
                    Look(project);
                    if (tick % TicksPerBeat == 0)
                    {
                        project.Events.Beat();
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    // The newest run is the only one that can be under way; one that ended between two looks is told of too.
    private void Look(Project project)
    {
        var state = project.Now.State;
        if (state.Runs.IsEmpty)
        {
            return;
        }

        var now = project.Document(state, state.Runs[^1]);
        var before = told.GetValueOrDefault(project.Id);
        if (before is null || (before.Run, before.State, before.Done) != (now.Run, now.State, now.Done))
        {
            project.Events.Send("tracking", now);
            told[project.Id] = now;
        }
    }
}
