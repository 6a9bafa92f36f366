using System.Text.RegularExpressions;
using HqTrack.Media;
using HqTrack.Web.Projects;
using HqTrack.Web.Security;

namespace HqTrack.Web.Api;

/// <summary>.../objects: their names, colours, locks. An id stays its object's and is not used again.</summary>
internal static partial class ObjectEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/projects/{project}/objects", List).WithSummary("All objects").Produces<IReadOnlyList<ObjectDocument>>();
        api.MapPost("/projects/{project}/objects", Add).WithSummary("Adds an object").Produces<ObjectDocument>(StatusCodes.Status201Created);
        api.MapPatch("/projects/{project}/objects/{id:int}", Change).WithSummary("Renames, colours, locks or hides an object");
        api.MapDelete("/projects/{project}/objects/{id:int}", Delete).WithSummary("Removes an object with all its masks");
    }

    private static IResult List(string project, ProjectStore store, HttpContext http)
    {
        var now = store.Project(project).Now;
        return http.IsKnown(Lookup.TagOf(now.Revision))
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Ok(now.State.Objects.Values.Select(entry => entry.Document(now.Revision)));
    }

    private static IResult Add(string project, ObjectChange body, ProjectStore store, HttpContext http)
    {
        var name = body.Name is null ? null : Lookup.CheckName(body.Name, "object");
        CheckColor(body.Color);
        var found = store.Project(project);
        var (now, entry) = found.Do(RequestGuard.CallerOf(http).Name, history =>
        {
            http.CheckMatch(history.Revision);
            var id = history.HighestObject + 1;
            return id <= LabelMap.MaxId
                ? new ObjectAdded(id, name ?? $"Object {id}", body.Color?.ToLowerInvariant() ?? ColorOf(id))
                : throw ApiException.Conflict("too-many", $"all {LabelMap.MaxId} ids of the project are used, and ids are not used again; make another project.");
        });
        var added = (ObjectAdded)entry.Edit;
        return Results.Created($"/api/projects/{found.Id}/objects/{added.Id}", now.State.Objects[added.Id].Document(now.Revision));
    }

    private static ObjectDocument Change(string project, int id, ObjectChange body, ProjectStore store, HttpContext http)
    {
        var name = body.Name is null ? null : Lookup.CheckName(body.Name, "object");
        CheckColor(body.Color);
        var found = store.Project(project);
        var (now, _) = found.Do(RequestGuard.CallerOf(http).Name, history =>
        {
            http.CheckMatch(history.Revision);
            history.State.Object(id);
            return new ObjectChanged(id, name, body.Color?.ToLowerInvariant(), body.Locked, body.Hidden);
        });
        return now.State.Object(id).Document(now.Revision);
    }

    private static EditDocument Delete(string project, int id, ProjectStore store, HttpContext http)
    {
        var (now, _) = store.Project(project).Do(RequestGuard.CallerOf(http).Name, history =>
        {
            http.CheckMatch(history.Revision);
            history.State.Object(id);
            return new ObjectDeleted(id);
        });
        return now.Document();
    }

    private static void CheckColor(string? color)
    {
        if (color is not null && !Color().IsMatch(color))
        {
            throw ApiException.Invalid("the colour is not of the form #rrggbb.");
        }
    }

    private static string ColorOf(int id)
    {
        var (red, green, blue) = Palette.Color(id);
        return $"#{red:x2}{green:x2}{blue:x2}";
    }

    [GeneratedRegex("^#[0-9a-fA-F]{6}$", RegexOptions.CultureInvariant)]
    private static partial Regex Color();
}
