using HqTrack.Media;
using HqTrack.Media.Video;
using HqTrack.Web.Exporting;
using HqTrack.Web.Inference;
using HqTrack.Web.Security;

namespace HqTrack.Web.Api;

/// <summary>What the server is and can, logging in and out, and the checks of those who watch it.</summary>
internal static class InfoEndpoints
{
    private static readonly Lazy<bool> HasVideo = new(FfmpegProgram.IsHere);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/info", Info).WithSummary("What the server is and can").Produces<InfoDocument>();
        api.MapPost("/session", LogIn).WithSummary("Gives a browser a cookie for a token").WithMetadata(new OpenToAll()).Produces(StatusCodes.Status204NoContent);
        api.MapDelete("/session", LogOut).WithSummary("Takes the cookie away").WithMetadata(new OpenToAll()).Produces(StatusCodes.Status204NoContent);
    }

    public static void MapChecks(IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => Results.Text("ok")).ExcludeFromDescription();
        app.MapGet("/readyz", Ready).ExcludeFromDescription();
    }

    // The models are loaded before the server listens; what can go away is the disk.
    private static IResult Ready(ServeOptions options)
    {
        try
        {
            AtomicFile.Write(Path.Combine(options.Data, "ready"), []);
            return Results.Text("ready");
        }
        catch (MediaException)
        {
            throw new ApiException(StatusCodes.Status503ServiceUnavailable, "storage", "the server cannot write its data folder.");
        }
    }

    private static InfoDocument Info(Engine engine, ServeLimits limits, TokenTable tokens, ServeOptions options, HttpContext http)
    {
        var caller = RequestGuard.CallerOf(http);
        return new(
            typeof(InfoEndpoints).Assembly.GetName().Version!.ToString(3),
            engine.Tracker.Model,
            new(options.Refiner, engine.Missing is null, engine.Missing),
            caller.Name,
            caller.Role.ToString().ToLowerInvariant(),
            !tokens.IsOpen,
            HasVideo.Value,
            [.. ExportFormats.All.Select(kind => new FormatDocument(kind.Name, kind.Summary))],
            new(limits.VideoBytes, limits.ImageBytes, limits.Pixels, limits.Frames, limits.Duration.TotalSeconds, LabelMap.MaxId, ObjectPrompt.MaxPoints, ObjectPrompt.MaxBoxes, FrameEndpoints.Widths));
    }

    private static IResult LogIn(LogIn body, TokenTable tokens, HttpContext http)
    {
        var cookie = tokens.MakeCookie(body.Token) ?? throw new ApiException(StatusCodes.Status401Unauthorized, "token-wrong", "the token is not one of this server's.");
        http.Response.Cookies.Append(TokenTable.Cookie, cookie, CookieOptions(http, TokenTable.CookieLife));
        return Results.NoContent();
    }

    private static IResult LogOut(TokenTable tokens, HttpContext http)
    {
        if (http.Request.Cookies[TokenTable.Cookie] is { } cookie)
        {
            tokens.End(cookie);
        }

        http.Response.Cookies.Delete(TokenTable.Cookie, CookieOptions(http, null));
        return Results.NoContent();
    }

    private static CookieOptions CookieOptions(HttpContext http, TimeSpan? life) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps || http.Request.Headers["X-Forwarded-Proto"] == "https", Path = "/", MaxAge = life, IsEssential = true };
}
