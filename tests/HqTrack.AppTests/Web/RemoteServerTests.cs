using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Web.Projects;
using HqTrack.Web.Remote;
using Microsoft.Extensions.Logging;

namespace HqTrack.AppTests.Web;

/// <summary>Workers before a server that is slow, or none of ours.</summary>
[Collection("torch")]
public sealed class RemoteServerTests : IDisposable
{
    private const string Id = "0123456789abcdef0123456789abcdef";
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    private readonly LiteWeights weights = new();
    private readonly HttpListener listener = new();
    private readonly ConcurrentQueue<string> asked = new();
    private readonly TaskCompletionSource<string> broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private object worker = new WorkerDocument(Id, 0.6);
    private object? lease;
    private bool isGiven;
    private int port;

    public void Dispose()
    {
        listener.Close();
        weights.Dispose();
    }

    [Fact]
    public async Task A_worker_gives_signs_of_life_while_it_fetches_and_a_run_it_cannot_begin_does_not_end_it()
    {
        // The session is refused, long after the worker would have been taken for dead.
        Edit[] edits = [new ProjectCreated("a"), new FramesAdded(0, 2, "a.mp4", ".jpg", SmallClip.Width, SmallClip.Height, 25, new string('0', 64)), new TrackRequested(0, null, TrackingDirection.Forward, [])];
        var journal = string.Concat(edits.Select((edit, i) => JsonSerializer.Serialize(new JournalEntry(i + 1, default, null, edit), Journal.Format) + "\n"));
        lease = new LeaseDocument(Id, "abcdefabcdef", edits.Length, journal, [], new("forward", 0, TrackedDocument.HashOf([1])));
        using var enough = new CancellationTokenSource();
        var working = Start(enough.Token);
        Assert.Contains("RemoteException", await broken.Task.WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
        var beats = asked.SkipWhile(request => !request.EndsWith("/session", StringComparison.Ordinal)).TakeWhile(request => !request.EndsWith("/end", StringComparison.Ordinal)).Count(request => request.EndsWith("/beat", StringComparison.Ordinal));
        Assert.True(beats >= 3, $"{beats} signs of life in 1.5 s");
        await Task.Delay(300);
        Assert.False(working.IsCompleted);
        await enough.CancelAsync();
        await working.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains($"DELETE /api/work/workers/{Id}", asked);
    }

    [Theory]
    [InlineData(Id, 0.0)]
    [InlineData(Id, -1.0)]
    [InlineData(Id, 1e300)]
    [InlineData("../../../elsewhere", 30.0)]
    [InlineData(null, 30.0)]
    public async Task A_worker_that_is_welcomed_with_nonsense_ends_with_a_line(string? id, double lost)
    {
        worker = new { worker = id, lostAfterSeconds = lost };
        var e = await Assert.ThrowsAsync<RemoteException>(() => Start(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("none that this version knows", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Id, "../../../../etc", "")]
    [InlineData("..", "abcdefabcdef", "")]
    [InlineData(Id, "abcdefabcdef", null)]
    public async Task A_run_of_nonsense_ends_it_too(string id, string project, string? journal)
    {
        lease = new { lease = id, project, run = 1, journal, layers = Array.Empty<object>(), checkpoint = (object?)null };
        var e = await Assert.ThrowsAsync<RemoteException>(() => Start(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("none that this version knows", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(asked, request => request.Contains("/leases/", StringComparison.Ordinal));
    }

    private Task Start(CancellationToken cancellation)
    {
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        _ = Task.Run(ServeAsync, CancellationToken.None);
        return Task.Run(
            () => RemoteWorker.RunAsync(new($"http://127.0.0.1:{port}"), "secret", TimeSpan.FromSeconds(5), () => HqTracker.Load("lite", new() { WeightsPath = weights.Path, Threads = 1 }), LogLevel.Critical, () => { }, cancellation),
            CancellationToken.None);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (await listener.GetContextAsync() is { } context)
            {
                asked.Enqueue($"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}");
                _ = Task.Run(() => AnswerAsync(context));
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        var (status, answer) = path switch
        {
            "/api/info" => (200, new { }),
            "/api/work/workers" => (200, worker),
            _ when path.EndsWith("/session", StringComparison.Ordinal) => (422, new { code = "unusable", detail = "no session" }),
            _ when path.EndsWith("/claim", StringComparison.Ordinal) && !isGiven => (200, lease),
            _ => (204, null),
        };
        isGiven |= path.EndsWith("/claim", StringComparison.Ordinal);
        if (path.EndsWith("/end", StringComparison.Ordinal))
        {
            using var said = new StreamReader(context.Request.InputStream);
            broken.TrySetResult(await said.ReadToEndAsync());
        }

        await Task.Delay(status == 422 ? 1500 : 20);
        context.Response.StatusCode = status;
        if (answer is not null)
        {
            context.Response.ContentType = status == 200 ? "application/json" : "application/problem+json";
            context.Response.OutputStream.Write(JsonSerializer.SerializeToUtf8Bytes(answer, answer.GetType(), Format));
        }

        context.Response.Close();
    }
}
