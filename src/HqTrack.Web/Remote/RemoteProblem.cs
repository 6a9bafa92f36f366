using System.Globalization;
using System.Net;
using System.Text.Json;

namespace HqTrack.Web.Remote;

/// <summary>The server of a worker cannot be worked for; the message is one line without the token.</summary>
internal sealed class RemoteException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether it is one request that the server does not take; others may go well.</summary>
    public bool IsRefusal { get; init; }
}

/// <summary>The server has given this worker's run to another, or was started anew and does not know the worker.</summary>
internal sealed class LeaseLostException(string message) : Exception(message);

/// <summary>What an answer that is no success means to a worker. Its content is there already.</summary>
internal static class RemoteProblem
{
    /// <summary>Code of what was damaged on its way.</summary>
    public const string Damaged = "hash-differs";

    /// <summary>Code of a run or worker that is not known any more.</summary>
    public const string Lost = "lease-lost";

    /// <summary>The problem's code; null where the answer is no problem document.</summary>
    public static string? CodeOf(HttpResponseMessage response) => Read(response, "code");

    /// <summary>One line about it.</summary>
    public static string Line(HttpResponseMessage response) =>
        string.Create(CultureInfo.InvariantCulture, $"it answers {(int)response.StatusCode}{(Read(response, "detail") is { } detail ? $", {RemoteChecks.Line(detail).TrimEnd('.')}" : string.Empty)}");

    /// <summary>The exception for it.</summary>
    public static Exception Of(HttpResponseMessage response, string server) => (response.StatusCode, CodeOf(response)) switch
    {
        (HttpStatusCode.Gone, Lost) => new LeaseLostException(Line(response)),
        (HttpStatusCode.Unauthorized, not null) => new RemoteException($"the server at {server} does not know the token; give one of its tokens with the role edit (--token or HQTRACK_TOKEN)."),
        (HttpStatusCode.Forbidden, not null) => new RemoteException($"the server at {server} refuses the token: {Line(response)}; a worker needs one with the role edit (--token or HQTRACK_TOKEN)."),
        (_, "worker-differs") => new RemoteException($"the server at {server} does not take this worker: {RemoteChecks.Line(Read(response, "detail"))}"),
        (not (HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed), not null) => new RemoteException($"the server at {server} refuses a request: {Line(response)}.") { IsRefusal = true },
        _ => new RemoteException($"the server at {server} is none that this version knows: {Line(response)}; check that --remote is the address of an 'hqtrack serve' of this version."),
    };

    private static string? Read(HttpResponseMessage response, string name)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return null;
        }

        try
        {
            var content = response.Content.ReadAsStream();
            content.Position = 0; // it may be the second look
            using var problem = JsonDocument.Parse(content);
            return problem.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
