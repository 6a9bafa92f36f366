using System.Collections.Concurrent;
using System.Net;
using System.Text;
using AnnotatorClient;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Web;

/// <summary>What a server tells those who watch it.</summary>
[Collection("torch")]
public sealed class TelemetryTests(AnnotatorServer shared) : IClassFixture<AnnotatorServer>
{
    [Fact]
    public async Task Jobs_are_counted_by_state()
    {
        var data = Path.Combine(shared.Outside, "watched");
        var (server, http) = await shared.StartAsync(data, points: false, tracks: false);
        await using var own = server;
        using var client = http;
        var api = new HqTrackClient(http);
        var project = await shared.ClipAsync(2, api);
        Assert.Equal((0, 0, 0), await JobsAsync(http));
        var run = await api.TrackAsync(project.Id, 0);
        Assert.Equal((1, 0, 0), await JobsAsync(http));
        var folder = Path.Combine(data, "projects", project.Id, "runs", $"{run.Number}");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "claim-1"), """{"machine":"m","process":1,"frames":0,"at":"2026-01-01T00:00:00Z"}""");
        Assert.Equal((0, 1, 0), await JobsAsync(http));
        await File.WriteAllTextAsync(Path.Combine(folder, "end.json"), """{"state":"failed","at":"2026-01-01T00:00:00Z","frames":0,"error":"no"}""");
        Assert.Equal((0, 0, 1), await JobsAsync(http));
        Assert.Contains("hqtrack_web_workers_remote 0\n", await http.GetStringAsync("metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_and_traces_go_to_a_collector_where_the_variable_names_one()
    {
        using var folder = new TempFolder();
        using var collector = new HttpListener();
        var address = $"http://127.0.0.1:{PostgresServer.FreePort()}/";
        collector.Prefixes.Add(address);
        collector.Start();
        var posts = new ConcurrentQueue<(string Path, string? Type, string Text)>();
        var receiving = ReceiveAsync(collector, posts);
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        };
        using var serve = Hqtrack.Start(environment, "serve", "--data", folder["data"], "--port", "0", "--no-example", "--weights", shared.LiteWeights, "--threads", "1");
        try
        {
            var line = await serve.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            using var http = new HttpClient { BaseAddress = new(line!.Split(" at ")[1].Split(';')[0]) };
            await http.GetStringAsync("api/info", TestContext.Current.CancellationToken);
            string[] wanted = ["/v1/metrics hqtrack", "/v1/metrics HqTrack.Web", "/v1/metrics jobs", "/v1/metrics queued", "/v1/metrics http.server.request.duration", "/v1/traces api/info"];
            for (var wait = 0; wanted.FirstOrDefault(text => !posts.Any(post => post.Path == text.Split(' ')[0] && post.Text.Contains(text.Split(' ')[1], StringComparison.Ordinal))) is { } missing; wait++)
            {
                Assert.True(wait < 300, $"'{missing}' did not come; {posts.Count} posts did");
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            serve.Kill();
            await serve.WaitForExitAsync(TestContext.Current.CancellationToken);
            collector.Stop();
        }

        await receiving;
        Assert.All(posts, post => Assert.Equal("application/x-protobuf", post.Type));
    }

    private static async Task<(int Queued, int Running, int Failed)> JobsAsync(HttpClient http)
    {
        var lines = (await http.GetStringAsync("metrics")).Split('\n');
        int Of(string state) => int.Parse(lines.Single(line => line.StartsWith($"hqtrack_web_jobs{{state=\"{state}\"}} ", StringComparison.Ordinal)).Split(' ')[1]);
        return (Of("queued"), Of("running"), Of("failed"));
    }

    private static async Task ReceiveAsync(HttpListener collector, ConcurrentQueue<(string Path, string? Type, string Text)> posts)
    {
        while (true)
        {
            try
            {
                var context = await collector.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                posts.Enqueue((context.Request.Url!.AbsolutePath, context.Request.ContentType, Encoding.Latin1.GetString(body.ToArray())));
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
