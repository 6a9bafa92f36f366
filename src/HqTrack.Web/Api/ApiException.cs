namespace HqTrack.Web.Api;

/// <summary>A request that cannot be done; becomes a problem document (RFC 9457).</summary>
/// <param name="status">HTTP status.</param>
/// <param name="code">Short name for programs, listed in docs/api.md.</param>
/// <param name="detail">One line for people: found, expected, what to do.</param>
/// <param name="inner">What the log is to say besides; null for nothing.</param>
internal sealed class ApiException(int status, string code, string detail, Exception? inner = null) : Exception(detail, inner)
{
    public int Status => status;

    public string Code => code;

    /// <summary>Something of that id is not there.</summary>
    public static ApiException NotFound(string what) => new(StatusCodes.Status404NotFound, "not-found", $"there is no such {what}.");

    /// <summary>The request itself is wrong.</summary>
    public static ApiException Invalid(string detail) => new(StatusCodes.Status400BadRequest, "invalid", detail);

    /// <summary>The request fits the form but not the project.</summary>
    public static ApiException Unusable(string detail) => new(StatusCodes.Status422UnprocessableEntity, "unusable", detail);

    /// <summary>The project is in a state in which this cannot be done.</summary>
    public static ApiException Conflict(string code, string detail) => new(StatusCodes.Status409Conflict, code, detail);

    /// <summary>More than the server takes.</summary>
    public static ApiException TooLarge(string detail) => new(StatusCodes.Status413PayloadTooLarge, "too-large", detail);
}
