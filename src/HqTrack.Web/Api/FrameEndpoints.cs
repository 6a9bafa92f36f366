using HqTrack.Web.Masks;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Api;

/// <summary>.../frames: the list, and each as a picture.</summary>
internal static class FrameEndpoints
{
    /// <summary>Widths a frame can be had at, besides its own; each is made once and kept.</summary>
    public static readonly IReadOnlyList<int> Widths = [160, 320, 640, 1280, 1920];

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/projects/{project}/frames", List).WithSummary("Lists frames").Produces<Page<FrameDocument>>();
        api.MapGet("/projects/{project}/frames/{frame:int}", Get).WithSummary("A frame as JPEG").Produces(StatusCodes.Status200OK, null, "image/jpeg");
    }

    private static IResult List(string project, int? after, int? limit, ProjectStore store, HttpContext http)
    {
        var most = limit ?? 500;
        if (most is < 1 or > 5000)
        {
            throw ApiException.Invalid($"limit is {most}, expected 1 to 5000.");
        }

        var found = store.Project(project);
        var now = found.Now;
        if (http.IsKnown(Lookup.TagOf(now.Revision)))
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        var frames = new ProjectFrames(found.Folder, now.State);
        var start = Math.Clamp((long)(after ?? -1) + 1, 0, now.State.FrameCount);
        var count = (int)Math.Min(most, now.State.FrameCount - start);
        var prompted = now.State.Prompts.Keys.Select(key => key.Frame).ToHashSet();
        var items = Enumerable.Range((int)start, count).Select(index =>
            new FrameDocument(index, frames.Name(index), frames.Time(index), now.State.Locks.ContainsKey(index), prompted.Contains(index))).ToList();
        return Results.Ok(new Page<FrameDocument>(items, start + count < now.State.FrameCount ? (start + count - 1).ToString(System.Globalization.CultureInfo.InvariantCulture) : null));
    }

    private static IResult Get(string project, int frame, int? width, ProjectStore store, HttpContext http)
    {
        var found = store.Project(project);
        var state = found.Now.State;
        state.CheckFrame(frame);
        if (width is { } asked && !Widths.Contains(asked))
        {
            throw ApiException.Invalid($"width is {asked}, expected one of {string.Join(", ", Widths)}, or none for the frame's own.");
        }

        // Frames are added and never changed: what a client has it may keep.
        if (http.IsKnown($"f{frame}-{width ?? 0}"))
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        http.Response.Headers.CacheControl = "private, max-age=86400, immutable";
        return Results.File(FramePictures.PathOf(found.Folder, state, frame, width), "image/jpeg");
    }
}
