// An HTTP endpoint: POST a video (any that ffmpeg reads from a pipe, or JPEG pictures one after another) and the mask of its first frame;
// a line of JSON comes back for each frame as soon as it is tracked.
//     curl -F video=@clip.mkv -F mask=@first.png http://localhost:5000/track
using System.Text.Json;
using HqTrack;
using HqTrack.Media;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddHqTrack(options => options.MaxSize = 360);
var app = builder.Build();

app.MapPost("/track", async (HttpContext http, HqTracker tracker) =>
{
    var form = await http.Request.ReadFormAsync(http.RequestAborted);
    if (form.Files["video"] is not { } video || form.Files["mask"] is not { } mask)
    {
        return Results.BadRequest("expected the files 'video' and 'mask'");
    }

    using var png = new MemoryStream();
    await mask.CopyToAsync(png, http.RequestAborted);
    using var session = tracker.StartSession();
    http.Response.ContentType = "application/x-ndjson";
    await foreach (var result in session.TrackAsync(FrameSource.FromStream(video.OpenReadStream()), http.RequestAborted))
    {
        var objects = result.Objects;
        if (session.ObjectIds.Count == 0)
        {
            objects = session.Add(result.Image!, Prompt.Mask(MaskFile.Decode(png.ToArray(), mask.FileName, result.Image!.Width, result.Image.Height))).Objects;
        }

        await http.Response.WriteAsync(JsonSerializer.Serialize(new { frame = result.Index, objects }) + "\n", http.RequestAborted);
    }

    return Results.Empty;
}).DisableAntiforgery();

app.Run();
