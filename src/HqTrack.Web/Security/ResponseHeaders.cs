namespace HqTrack.Web.Security;

/// <summary>Headers of every answer, errors too: nothing of other sites is run or framed, nothing is guessed, nothing is kept unless its endpoint says so.</summary>
internal static class ResponseHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; " +
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly string PolicyWithInlineStyles = Policy.Replace("style-src 'self'", "style-src 'self' 'unsafe-inline'", StringComparison.Ordinal);

    /// <summary>The middleware; the outermost but for the log.</summary>
    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        // When the answer starts: an error takes back what was set before it.
        http.Response.OnStarting(static response =>
        {
            Set((HttpResponse)response);
            return Task.CompletedTask;
        }, http.Response);
        return next(http);
    }

    private static void Set(HttpResponse response)
    {
        var headers = response.Headers;
        headers.TryAdd("Content-Security-Policy", response.HttpContext.GetEndpoint()?.Metadata.GetMetadata<InlineStyles>() is null ? Policy : PolicyWithInlineStyles);
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers.TryAdd("Cache-Control", "no-store");
    }
}
