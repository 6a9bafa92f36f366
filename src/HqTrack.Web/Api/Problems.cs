using HqTrack.Media;
using HqTrack.Web.Telemetry;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace HqTrack.Web.Api;

/// <summary>Every error as a problem document with a code; what was not foreseen is logged and tells nothing of the inside.</summary>
internal sealed class Problems(ILogger<Problems> logger, WebMetrics metrics) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException or IOException && httpContext.RequestAborted.IsCancellationRequested)
        {
            return true; // nobody listens any more
        }

        var (status, code, detail) = exception switch
        {
            ApiException api => (api.Status, api.Code, api.Message),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (StatusCodes.Status413PayloadTooLarge, "too-large", "the body is larger than this takes."),
            BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => (StatusCodes.Status415UnsupportedMediaType, "content-type", "the body is of another type than expected; send application/json."),
            BadHttpRequestException { InnerException: BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } } => (StatusCodes.Status413PayloadTooLarge, "too-large", "the body is larger than this takes."),
            BadHttpRequestException bad => (bad.StatusCode, "invalid", BadRequestText.Of(bad)),
            MediaException { InnerException: IOException or UnauthorizedAccessException } or IOException or UnauthorizedAccessException => (StatusCodes.Status507InsufficientStorage, "storage", "the server cannot use its data folder; its log says why."),
            PromptException or MediaException => (StatusCodes.Status422UnprocessableEntity, "unusable", exception.Message),
            _ => (StatusCodes.Status500InternalServerError, "internal", "the server failed; its log says more."),
        };
        if (status >= StatusCodes.Status500InternalServerError)
        {
            logger.Failed(exception, httpContext.Request.Method, httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.DisplayName ?? "no endpoint");
        }

        metrics.Refused.Add(1, new KeyValuePair<string, object?>("code", code));
        await WriteAsync(httpContext, status, code, detail).ConfigureAwait(false);
        return true;
    }

    /// <summary>Writes a problem document.</summary>
    public static Task WriteAsync(HttpContext http, int status, string code, string detail)
    {
        http.Response.StatusCode = status;
        var problem = new ProblemDetails { Status = status, Title = TitleOf(status), Detail = detail };
        problem.Extensions["code"] = code;
        return http.Response.WriteAsJsonAsync(problem, (System.Text.Json.JsonSerializerOptions?)null, "application/problem+json", http.RequestAborted);
    }

    /// <summary>Writes one for an answer that came without.</summary>
    public static Task WriteAsync(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => WriteAsync(http, StatusCodes.Status404NotFound, "not-found", "there is nothing at this path."),
        StatusCodes.Status405MethodNotAllowed => WriteAsync(http, StatusCodes.Status405MethodNotAllowed, "method", "this path does not take this verb."),
        StatusCodes.Status413PayloadTooLarge => WriteAsync(http, StatusCodes.Status413PayloadTooLarge, "too-large", "the body is larger than this takes."),
        StatusCodes.Status415UnsupportedMediaType => WriteAsync(http, StatusCodes.Status415UnsupportedMediaType, "content-type", "the body is of another type than expected; docs/api.md names it."),
        var status => WriteAsync(http, status, "invalid", "the request cannot be answered; see docs/api.md."),
    };

    /// <summary>The status in words.</summary>
    public static string TitleOf(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
}

internal static partial class ProblemLog
{
    [LoggerMessage(1, LogLevel.Error, "{Method} {Endpoint} failed")]
    public static partial void Failed(this ILogger logger, Exception exception, string method, string endpoint);
}
