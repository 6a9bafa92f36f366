using System.Globalization;
using HqTrack.Web.Jobs;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;
using HqTrack.Web.Security;

namespace HqTrack.Web.Api;

/// <summary>.../tracking: runs of the tracker, one at a time in a project.</summary>
internal static class TrackingEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/projects/{project}/tracking", Start).WithSummary("Starts a run of the tracker").Produces<RunDocument>(StatusCodes.Status202Accepted);
        api.MapGet("/projects/{project}/tracking", List).WithSummary("All runs that hold, newest first").Produces<IReadOnlyList<RunDocument>>();
        api.MapGet("/projects/{project}/tracking/{run:int}", Get).WithSummary("A run").Produces<RunDocument>();
        api.MapPost("/projects/{project}/tracking/{run:int}/stop", StopRun).WithSummary("Stops a run after the frame at hand; what it wrote stays").Produces<RunDocument>(StatusCodes.Status202Accepted);
    }

    /// <summary>Asks whatever runs in a project to end.</summary>
    public static void StopAll(Project project)
    {
        if (project.ActiveRun() is { } run)
        {
            RunEnd.Ask(project.Runs.Paths(run.Number), TimeProvider.System);
        }
    }

    private static IResult Start(string project, TrackingRequest body, ProjectStore store, IJobQueue queue, HttpContext http)
    {
        var direction = body.Direction switch
        {
            "forward" => TrackingDirection.Forward,
            "backward" => TrackingDirection.Backward,
            "both" => TrackingDirection.Both,
            _ => throw ApiException.Invalid("direction is not known; expected forward, backward or both."),
        };
        var found = store.Project(project);
        var (now, entry) = found.Do(RequestGuard.CallerOf(http).Name, history =>
        {
            http.CheckMatch(history.Revision);
            return Plan(found, history.State, body, direction);
        });
        var number = entry.Revision.ToString(CultureInfo.InvariantCulture);
        queue.Enqueue(new(JobKind.Track, found.Id, number));
        return Results.Accepted($"/api/projects/{found.Id}/tracking/{number}", found.Document(now.State, new((TrackRequested)entry.Edit, entry.Revision)));
    }

    private static TrackRequested Plan(Project project, ProjectState state, TrackingRequest body, TrackingDirection direction)
    {
        state.CheckFrame(body.From);
        if (body.To is { } to)
        {
            state.CheckFrame(to);
            if (direction == TrackingDirection.Both || (direction == TrackingDirection.Forward ? to < body.From : to > body.From))
            {
                throw ApiException.Invalid($"\"to\" is frame {to}, which does not lie {body.Direction} from frame {body.From}; leave it out for the end.");
            }
        }

        if (project.ActiveRun() is { } active)
        {
            throw ApiException.Conflict("tracking-runs", $"run {active.Number} is not at its end; stop it or wait for it.");
        }

        var objects = body.Objects?.Distinct().Order().ToList() ?? [.. state.Objects.Values.Where(entry => !entry.Locked).Select(entry => entry.Id)];
        if (objects.Find(id => state.Object(id).Locked) is > 0 and var locked)
        {
            throw ApiException.Conflict("object-locked", $"object {locked} is locked; unlock it, or leave it out.");
        }

        var request = new TrackRequested(body.From, body.To, direction, objects);
        var plan = RunPlan.Of(state, request, project.Masks);
        var isKnown = objects.Count > 0 && (!plan.Start().IsEmpty || plan.Passes.Any(pass => plan.Behind(pass).Count > 0));
        return isKnown ? request : throw ApiException.Unusable($"no object to track has a mask in frame {body.From}; draw or click one there first.");
    }

    private static IEnumerable<RunDocument> List(string project, ProjectStore store)
    {
        var found = store.Project(project);
        var state = found.Now.State;
        return state.Runs.Reverse().Select(run => found.Document(state, run));
    }

    private static RunDocument Get(string project, int run, ProjectStore store)
    {
        var found = store.Project(project);
        var state = found.Now.State;
        return found.Document(state, state.Runs.Find(placed => placed.Number == run) ?? throw ApiException.NotFound("run"));
    }

    private static IResult StopRun(string project, int run, ProjectStore store)
    {
        var found = store.Project(project);
        var state = found.Now.State;
        var placed = state.Runs.Find(one => one.Number == run) ?? throw ApiException.NotFound("run");
        if (found.Runs.End(run) is null)
        {
            RunEnd.Ask(found.Runs.Paths(run), TimeProvider.System);
        }

        return Results.Accepted($"/api/projects/{found.Id}/tracking/{run.ToString(CultureInfo.InvariantCulture)}", found.Document(state, placed));
    }
}
