using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using HqTrack.Media;
using HqTrack.Web.Inference;
using HqTrack.Web.Projects;
using HqTrack.Web.Security;

namespace HqTrack.Web.Api;

/// <summary>What persons say of frames: masks by points, boxes or brush, and locked frames.</summary>
internal static class PromptEndpoints
{
    private const string Png = "image/png";

    public static void Map(RouteGroupBuilder api)
    {
        const string one = "/projects/{project}/frames/{frame:int}/prompts/{id:int}";
        api.MapGet("/projects/{project}/prompts", List).WithSummary("All prompts that hold").Produces<IReadOnlyList<PromptDocument>>();
        api.MapPost("/projects/{project}/frames/{frame:int}/preview", PreviewAsync).WithSummary("A mask from points and boxes, without an edit").Produces<PreviewDocument>().RequireRateLimiting(RateLimits.Costly);
        api.MapPut(one, SetAsync).WithSummary("Says which pixels an object has in a frame: points, boxes or run lengths (JSON), or a mask (PNG)").Accepts<PromptRequest>("application/json", Png).Produces<PromptDocument>().RequireRateLimiting(RateLimits.Costly);
        api.MapDelete(one, Remove).WithSummary("Takes back what was said of an object in a frame").Produces<EditDocument>();
        api.MapPut("/projects/{project}/frames/{frame:int}/lock", Lock).WithSummary("Keeps a frame's masks as they are").Produces<EditDocument>();
        api.MapDelete("/projects/{project}/frames/{frame:int}/lock", Unlock).WithSummary("Lets a frame be tracked again").Produces<EditDocument>();
    }

    private static IResult List(string project, ProjectStore store, HttpContext http)
    {
        var now = store.Project(project).Now;
        return http.IsKnown(Lookup.TagOf(now.Revision))
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Ok(now.State.Prompts.Values.OrderBy(placed => placed.Prompt.Frame).ThenBy(placed => placed.Prompt.Object).Select(placed => placed.Document()));
    }

    private static async Task<PreviewDocument> PreviewAsync(string project, int frame, PromptRequest body, ProjectStore store, Engine engine)
    {
        var found = store.Project(project);
        var state = found.Now.State;
        state.CheckFrame(frame);
        var start = Stopwatch.GetTimestamp();
        var segmented = await SegmentAsync(found, state, frame, body, engine).ConfigureAwait(false);
        var rle = Rle.Of(segmented.Labels, 1);
        return new(rle.Document(), rle.Area, segmented.Objects[0].Box?.Document(), Math.Round(segmented.Objects[0].PredictedIou, 4), Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 1));
    }

    private static async Task<PromptDocument> SetAsync(string project, int frame, int id, HttpContext http, ProjectStore store, Engine engine, ServeLimits limits)
    {
        var found = store.Project(project);
        var state = found.Now.State;
        state.CheckFrame(frame);
        state.Object(id);
        var request = new PromptRequest();
        LabelMap mask;
        if (http.Request.ContentType?.Split(';')[0].Trim() == Png)
        {
            mask = Mask(await http.Request.ReadBodyAsync(limits.ImageBytes).ConfigureAwait(false), state);
        }
        else if (http.Request.HasJsonContentType())
        {
            request = await ReadAsync(http).ConfigureAwait(false);
            mask = request.Mask is { } runs ? Mask(runs, request, state) : (await SegmentAsync(found, state, frame, request, engine).ConfigureAwait(false)).Labels;
        }
        else
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "content-type", $"the body is of another type than expected; send application/json (points, boxes) or {Png} (a mask).");
        }

        var area = 0;
        foreach (ref var pixel in mask.Ids.AsSpan())
        {
            area += pixel != 0 ? 1 : 0;
            pixel = pixel == 0 ? (byte)0 : (byte)id;
        }

        var hash = Blobs.Keep(found.Folder, IndexedPng.Encode(mask));
        var (now, _) = found.Do(RequestGuard.CallerOf(http).Name, history =>
        {
            http.CheckMatch(history.Revision);
            CheckOpen(history.State, frame, id);
            return new PromptSet(frame, id, hash, area, [.. Points(request)], [.. Boxes(request)]);
        });
        return now.State.Prompts[(frame, id)].Document();
    }

    private static EditDocument Remove(string project, int frame, int id, ProjectStore store, HttpContext http)
    {
        var (now, _) = store.Project(project).Do(RequestGuard.CallerOf(http).Name, history =>
        {
            http.CheckMatch(history.Revision);
            CheckOpen(history.State, frame, id);
            return history.State.Prompts.ContainsKey((frame, id)) ? new PromptRemoved(frame, id) : throw ApiException.NotFound("prompt");
        });
        return now.Document();
    }

    private static EditDocument Lock(string project, int frame, ProjectStore store, HttpContext http)
    {
        var found = store.Project(project);
        var (now, _) = found.Do(RequestGuard.CallerOf(http).Name, history =>
        {
            http.CheckMatch(history.Revision);
            history.State.CheckFrame(frame);
            var composed = found.Masks.Compose(history.State, frame);
            return composed.Labels.ObjectIds().Count > 0
                ? new FrameLocked(frame, Blobs.Keep(found.Folder, IndexedPng.Encode(composed.Labels)))
                : throw ApiException.Unusable($"frame {frame} has no mask to keep; track or draw it first.");
        });
        return now.Document();
    }

    private static EditDocument Unlock(string project, int frame, ProjectStore store, HttpContext http)
    {
        var (now, _) = store.Project(project).Do(RequestGuard.CallerOf(http).Name, history =>
        {
            http.CheckMatch(history.Revision);
            return history.State.Locks.ContainsKey(frame) ? new FrameUnlocked(frame) : throw ApiException.NotFound("locked frame");
        });
        return now.Document();
    }

    private static void CheckOpen(ProjectState state, int frame, int id)
    {
        if (state.Locks.ContainsKey(frame))
        {
            throw ApiException.Conflict("frame-locked", $"frame {frame} is locked; unlock it first.");
        }

        if (state.Object(id).Locked)
        {
            throw ApiException.Conflict("object-locked", $"object {id} is locked; unlock it first.");
        }
    }

    private static async Task<PromptRequest> ReadAsync(HttpContext http)
    {
        try
        {
            return await http.Request.ReadFromJsonAsync<PromptRequest>(http.RequestAborted).ConfigureAwait(false) ?? throw ApiException.Invalid("the body is null, expected points or boxes.");
        }
        catch (JsonException e)
        {
            throw ApiException.Invalid(BadRequestText.Of(e));
        }
    }

    // Points and boxes beside a mask are kept, so they must be such as could be meant.
    private static LabelMap Mask(RleDocument runs, PromptRequest request, ProjectState state)
    {
        new ObjectPrompt(1, [.. Boxes(request)], [.. Points(request)]).ValidateParts(state.Width, state.Height);
        return runs.Size is [var height, var width] && height == state.Height && width == state.Width
            ? new(Rle.Parse(runs.Counts, width, height).ToPixels(), width, height)
            : throw ApiException.Unusable($"the mask's size is not [{state.Height}, {state.Width}], the frame's height and width; draw it at the frame's own size.");
    }

    private static LabelMap Mask(byte[] png, ProjectState state)
    {
        var header = PngHeader.Read(png, "mask");
        return header.Width == state.Width && header.Height == state.Height
            ? MaskFile.Decode(png, "mask", state.Width, state.Height, allowEmpty: true)
            : throw ApiException.Unusable($"the mask is {header.Width}x{header.Height}, the frame is {state.Width}x{state.Height}; draw it at the frame's own size.");
    }

    private static async Task<SegmentedImage> SegmentAsync(Project project, ProjectState state, int frame, PromptRequest body, Engine engine)
    {
        if (engine.Missing is { } missing)
        {
            throw ApiException.Conflict("refiner-missing", missing);
        }

        var prompt = new ObjectPrompt(1, [.. Boxes(body)], [.. Points(body)]);
        prompt.Validate(state.Width, state.Height);
        var key = string.Create(CultureInfo.InvariantCulture, $"{project.Id}/{frame}");
        return await Task.Run(() => engine.Segment(key, () => new ProjectFrames(project.Folder, state).Load(frame), prompt)).ConfigureAwait(false);
    }

    private static IEnumerable<PromptPoint> Points(PromptRequest body) => Whole(body.Points).Select(point => new PromptPoint(point.X, point.Y, point.Positive));

    private static IEnumerable<Box> Boxes(PromptRequest body) => Whole(body.Boxes).Select(box => new Box(box.X, box.Y, box.Width, box.Height));

    // What a list's type says of null in it is not looked at by the reader of JSON.
    private static IReadOnlyList<T> Whole<T>(IReadOnlyList<T>? list)
        where T : class => list?.Contains(null) == true ? throw ApiException.Invalid("null stands among the points or boxes; leave it out.") : list ?? [];
}
