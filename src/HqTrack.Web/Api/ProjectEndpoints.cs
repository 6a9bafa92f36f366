using HqTrack.Web.Projects;
using HqTrack.Web.Runs;
using HqTrack.Web.Security;

namespace HqTrack.Web.Api;

/// <summary>/api/projects: made, listed, renamed, deleted; undo and redo.</summary>
internal static class ProjectEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/projects", Create).WithSummary("Makes a project").Produces<ProjectDocument>(StatusCodes.Status201Created);
        api.MapGet("/projects", List).WithSummary("Lists projects, newest first");
        api.MapGet("/projects/{project}", Get).WithSummary("A project").Produces<ProjectDocument>();
        api.MapPatch("/projects/{project}", Rename).WithSummary("Gives a project another name").Produces<ProjectDocument>();
        api.MapDelete("/projects/{project}", Delete).WithSummary("Deletes a project with everything in it").WithMetadata(new RequiredRole(Role.Admin));
        api.MapPost("/projects/{project}/undo", Undo).WithSummary("Takes the last edit back").Produces<UndoDocument>();
        api.MapPost("/projects/{project}/redo", Redo).WithSummary("Brings the edit back that was taken back last").Produces<UndoDocument>();
    }

    private static IResult Create(ProjectName body, ProjectStore store, ServeLimits limits, HttpContext http)
    {
        var name = Lookup.CheckName(body.Name, "project");
        if (store.Count >= limits.Projects)
        {
            throw ApiException.Conflict("too-many", $"there are {limits.Projects} projects, which is the limit; delete some.");
        }

        var project = store.Create(name, RequestGuard.CallerOf(http).Name);
        return Results.Created($"/api/projects/{project.Id}", project.Document());
    }

    private static Page<ProjectDocument> List(ProjectStore store, string? after, int? limit)
    {
        var page = Lookup.PageOf(store.All, after, limit, project => project.Id);
        return new([.. page.Items.Select(project => project.Document())], page.Next);
    }

    private static IResult Get(string project, ProjectStore store, HttpContext http)
    {
        var document = store.Project(project).Document();
        return http.IsKnown($"{Lookup.TagOf(document.Revision)}{(document.Tracking is { } run ? $"-{run.Run}-{run.State}-{run.Done}" : string.Empty)}")
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Ok(document);
    }

    private static ProjectDocument Rename(string project, ProjectName body, ProjectStore store, HttpContext http)
    {
        var name = Lookup.CheckName(body.Name, "project");
        var found = store.Project(project);
        found.Do(RequestGuard.CallerOf(http).Name, history =>
        {
            http.CheckMatch(history.Revision);
            return new ProjectRenamed(name);
        });
        return found.Document();
    }

    private static IResult Delete(string project, ProjectStore store)
    {
        var found = store.Project(project);
        TrackingEndpoints.StopAll(found);
        store.Delete(found.Id);
        return Results.NoContent();
    }

    private static UndoDocument Undo(string project, ProjectStore store, HttpContext http)
    {
        var found = store.Project(project);
        JournalEntry? undone = null;
        var (now, _) = found.Do(RequestGuard.CallerOf(http).Name, history =>
        {
            http.CheckMatch(history.Revision);
            undone = history.Undoable ?? throw ApiException.Conflict("nothing-to-undo", "there is nothing to undo.");
            return new Undone(undone.Revision);
        });
        if (undone!.Edit is TrackRequested)
        {
            RunEnd.Ask(found.Runs.Paths(undone.Revision), TimeProvider.System);
        }

        return Document(now, undone.Edit);
    }

    private static UndoDocument Redo(string project, ProjectStore store, HttpContext http)
    {
        var found = store.Project(project);
        JournalEntry? redone = null;
        var (now, _) = found.Do(RequestGuard.CallerOf(http).Name, history =>
        {
            http.CheckMatch(history.Revision);
            redone = history.Redoable ?? throw ApiException.Conflict("nothing-to-redo", "there is nothing to redo.");
            return new Redone(redone.Revision);
        });
        return Document(now, redone!.Edit);
    }

    private static UndoDocument Document(Snapshot now, Edit edit)
    {
        var (frame, id) = edit switch
        {
            PromptSet prompt => (prompt.Frame, prompt.Object),
            PromptRemoved prompt => (prompt.Frame, prompt.Object),
            FrameLocked locked => (locked.Frame, (int?)null),
            FrameUnlocked unlocked => (unlocked.Frame, null),
            TrackRequested request => (request.From, null),
            ObjectAdded entry => ((int?)null, entry.Id),
            ObjectChanged entry => (null, entry.Id),
            ObjectDeleted entry => (null, entry.Id),
            _ => ((int?)null, (int?)null),
        };
        return new(now.Revision, now.CanUndo, now.CanRedo, edit.Kind, frame, id);
    }
}
