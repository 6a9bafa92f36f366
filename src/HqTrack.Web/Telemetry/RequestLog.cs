using System.Diagnostics;

namespace HqTrack.Web.Telemetry;

/// <summary>
/// A line a request: verb, path, status, time. Paths are logged as they were encoded, so that no line end or escape of a request reaches a terminal,
/// and without the query and the headers, where clients may have put a token.
/// </summary>
internal sealed partial class RequestLog(ILogger<RequestLog> logger)
{
    /// <summary>The middleware; the outermost.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await next(http).ConfigureAwait(false);
        }
        finally
        {
            if (logger.IsEnabled(LogLevel.Information))
            {
                Answered(http.Request.Method.Length <= 10 ? http.Request.Method : "?", http.Request.Path.ToUriComponent(), http.Response.StatusCode, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
    }

    [LoggerMessage(3, LogLevel.Information, "{Method} {Path} {Status} in {Milliseconds:0.0} ms")]
    private partial void Answered(string method, string path, int status, double milliseconds);
}
