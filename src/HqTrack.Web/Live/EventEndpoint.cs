using System.Text;
using System.Threading.Channels;
using HqTrack.Web.Api;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Live;

/// <summary>.../events: a stream of what happens in a project (server-sent events).</summary>
internal static class EventEndpoint
{
    private static int open;

    /// <summary>Streams open now, of all projects.</summary>
    public static int Open => Volatile.Read(ref open);

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/projects/{project}/events", StreamAsync).WithSummary("What happens in a project, as server-sent events").Produces(StatusCodes.Status200OK, null, "text/event-stream");

    private static async Task StreamAsync(string project, ProjectStore store, ServeLimits limits, IHostApplicationLifetime lifetime, HttpContext http)
    {
        var found = store.Project(project);
        if (Interlocked.Increment(ref open) > limits.EventStreams)
        {
            Interlocked.Decrement(ref open);
            throw new ApiException(StatusCodes.Status503ServiceUnavailable, "too-many", $"{limits.EventStreams} event streams are open, which is the limit; try again later.");
        }

        var listener = found.Events.Join();
        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync($"retry: 2000\nevent: hello\ndata: {{\"revision\":{found.Now.Revision}}}\n\n", end.Token).ConfigureAwait(false);
            await http.Response.Body.FlushAsync(end.Token).ConfigureAwait(false);
            await SendAsync(listener.Reader, http.Response, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client left, or the server stops.
        }
        finally
        {
            found.Events.Leave(listener);
            Interlocked.Decrement(ref open);
        }
    }

    private static async Task SendAsync(ChannelReader<LiveEvent> events, HttpResponse response, CancellationToken cancellation)
    {
        while (await events.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            var text = new StringBuilder();
            while (events.TryRead(out var sent))
            {
                _ = sent == LiveEvent.Beat ? text.Append(": still here\n\n") : text.Append("event: ").Append(sent.Name).Append("\ndata: ").Append(sent.Data).Append("\n\n");
            }

            await response.WriteAsync(text.ToString(), cancellation).ConfigureAwait(false);
            await response.Body.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }
}
