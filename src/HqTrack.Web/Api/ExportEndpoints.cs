using HqTrack.Web.Exporting;
using HqTrack.Web.Jobs;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Api;

/// <summary>.../exports: the masks in the formats of other programs.</summary>
internal static class ExportEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/projects/{project}/exports", Start).WithSummary("Starts an export of the project as it is now").Produces<ExportDocument>(StatusCodes.Status202Accepted);
        api.MapGet("/projects/{project}/exports", List).WithSummary("Exports, newest first").Produces<IReadOnlyList<ExportDocument>>();
        api.MapGet("/projects/{project}/exports/{export}", Get).WithSummary("An export").Produces<ExportDocument>();
        api.MapGet("/projects/{project}/exports/{export}/file", Download).WithSummary("The file of an export that is done").Produces(StatusCodes.Status200OK, null, "application/octet-stream");
        api.MapDelete("/projects/{project}/exports/{export}", Delete).WithSummary("Removes an export").Produces(StatusCodes.Status204NoContent);
    }

    private static IResult Start(string project, ExportOrder body, ProjectStore store, IJobQueue queue, ServeLimits limits, TimeProvider clock)
    {
        var found = store.Project(project);
        var now = found.Now;
        if (ExportFormats.Find(body.Format) is null)
        {
            throw ApiException.Invalid($"the format is not known; expected one of {ExportFormats.Names}.");
        }

        if (now.State.FrameCount == 0)
        {
            throw ApiException.Unusable("the project has no frames to export; upload some.");
        }

        if (ExportFiles.All(found.Folder).Count() >= limits.Exports)
        {
            throw ApiException.Conflict("too-many", $"the project has {limits.Exports} exports, which is the limit; delete some.");
        }

        var id = ExportFiles.NewId();
        var files = new ExportFiles(found.Folder, id);
        files.Write(new ExportRequest(body.Format, now.Revision, clock.GetUtcNow()));
        queue.Enqueue(new(JobKind.Export, found.Id, id));
        return Results.Accepted($"/api/projects/{found.Id}/exports/{id}", Document(found.Folder, id));
    }

    private static IEnumerable<ExportDocument> List(string project, ProjectStore store)
    {
        var folder = store.Project(project).Folder;
        return ExportFiles.All(folder).Where(id => new ExportFiles(folder, id).Request() is not null).Select(id => Document(folder, id)).OrderByDescending(export => export.At);
    }

    private static ExportDocument Get(string project, string export, ProjectStore store) => Document(store.Project(project).Folder, Check(store.Project(project), export));

    private static IResult Download(string project, string export, ProjectStore store)
    {
        var found = store.Project(project);
        var files = new ExportFiles(found.Folder, Check(found, export));
        return files.End() is { File: { } name }
            ? Results.File(Path.GetFullPath(Path.Combine(files.Root, name)), "application/octet-stream", name, enableRangeProcessing: true)
            : throw ApiException.Conflict("export-not-done", "the export is not done; ask for its state.");
    }

    private static IResult Delete(string project, string export, ProjectStore store)
    {
        var found = store.Project(project);
        var files = new ExportFiles(found.Folder, Check(found, export));
        if (files.End() is null)
        {
            throw ApiException.Conflict("export-not-done", "the export is not done; wait for it.");
        }

        Directory.Delete(files.Root, recursive: true);
        return Results.NoContent();
    }

    private static string Check(Project project, string export) =>
        ExportFiles.IsId(export) && new ExportFiles(project.Folder, export).Request() is not null ? export : throw ApiException.NotFound("export");

    private static ExportDocument Document(ProjectFolder folder, string id)
    {
        var files = new ExportFiles(folder, id);
        var (request, end) = (files.Request()!, files.End());
        return new(id, request.Format, request.Revision, request.At, end is null ? "running" : end.Error is null ? "done" : "failed", end?.File, end?.Bytes ?? 0, end?.Error);
    }
}
