using HqTrack.Media;
using HqTrack.Web.Masks;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Api;

/// <summary>The masks that count, whole frames or single objects, and how sure the tracker is of them.</summary>
internal static class MaskEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/projects/{project}/frames/{frame:int}/mask", Frame).WithSummary("A frame's masks as indexed PNG").Produces(StatusCodes.Status200OK, null, "image/png");
        api.MapGet("/projects/{project}/frames/{frame:int}/objects", Objects).WithSummary("A frame's objects; with masks=true their masks as COCO run lengths").Produces<IReadOnlyList<FrameObjectDocument>>();
        api.MapGet("/projects/{project}/frames/{frame:int}/objects/{id:int}", Object).WithSummary("The mask of an object in a frame as COCO run lengths").Produces<MaskDocument>();
        api.MapGet("/projects/{project}/tracks", Tracks).WithSummary("Confidence, area and events over frames").Produces<TracksDocument>();
    }

    private static IResult Frame(string project, int frame, ProjectStore store, HttpContext http)
    {
        var (found, state, layers) = Layers(project, frame, store);
        if (http.IsKnown(layers.Tag(state)))
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        return found.Masks.File(layers, frame) is { } file
            ? Results.File(Path.GetFullPath(file), "image/png")
            : Results.Bytes(IndexedPng.Encode(found.Masks.Compose(state, frame).Labels), "image/png");
    }

    private static IResult Objects(string project, int frame, bool? masks, ProjectStore store, HttpContext http)
    {
        var (found, state, layers) = Layers(project, frame, store);
        if (http.IsKnown(layers.Tag(state)))
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        var composed = found.Masks.Compose(state, frame);
        return Results.Ok(composed.Objects.Select(entry => entry.Document(masks == true ? composed.Labels : null)));
    }

    private static IResult Object(string project, int frame, int id, ProjectStore store, HttpContext http)
    {
        var (found, state, layers) = Layers(project, frame, store);
        state.Object(id);
        if (http.IsKnown(layers.Tag(state)))
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        var composed = found.Masks.Compose(state, frame);
        return composed.Objects.FirstOrDefault(entry => entry.Id == id) is { } one
            ? Results.Ok(new MaskDocument(frame, id, Rle.Of(composed.Labels, id).Document(), one.Area, one.Box?.Document(), one.Confidence, one.Source.ToString().ToLowerInvariant()))
            : throw ApiException.NotFound($"mask; nothing is known of object {id} in frame {frame}");
    }

    private static IResult Tracks(string project, int? from, int? count, ProjectStore store, HttpContext http)
    {
        var found = store.Project(project);
        var now = found.Now;
        var first = from ?? 0;
        if (first != 0 || now.State.FrameCount > 0)
        {
            now.State.CheckFrame(first);
        }

        if (count is < 1 or > 20_000)
        {
            throw ApiException.Invalid($"count is {count}, expected 1 to 20000.");
        }

        var active = found.ActiveRun();
        if (http.IsKnown($"{Lookup.TagOf(now.Revision)}-{(active is null ? 0 : found.Runs.Count(active.Number))}"))
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        return Results.Ok(TrackTable.Of(found, now.State, first, Math.Min(count ?? 20_000, now.State.FrameCount - first)));
    }

    private static (Project Project, ProjectState State, FrameLayers Layers) Layers(string project, int frame, ProjectStore store)
    {
        var found = store.Project(project);
        var state = found.Now.State;
        state.CheckFrame(frame);
        return (found, state, FrameLayers.Of(state, found.Runs, frame));
    }
}
