using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AnnotatorClient;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Web;
using HqTrack.Web.Remote;
using HqTrack.Web.Security;
using Microsoft.Extensions.Logging;

namespace HqTrack.AppTests.Web;

/// <summary>Workers that pull frames from a server and push results, in this process: what they do, and what the server refuses.</summary>
[Collection("torch")]
public sealed class RemoteWorkerTests(AnnotatorServer shared) : IClassFixture<AnnotatorServer>
{
    private const string Edit = "secret-of-a-worker";
    private const string Read = "secret-of-a-reader";
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    private string Data => Path.Combine(shared.Outside, $"remote-{TestContext.Current.Test!.UniqueID}");

    [Fact]
    public async Task A_worker_over_http_does_what_the_server_itself_does()
    {
        const int frames = 8;
        await using var server = await StartAsync();
        var (clip, alone) = (await shared.ClipAsync(frames, server.Client), await shared.ClipAsync(frames));
        using var enough = new CancellationTokenSource();
        var working = WorkAsync(server, enough.Token);
        await TwiceAsync(server.Client, clip.Id);
        await TwiceAsync(shared.Client, alone.Id);
        Assert.Equal(await FramesAsync(shared.Client, alone.Id, frames), await FramesAsync(server.Client, clip.Id, frames));
        await enough.CancelAsync();
        await working;

        // A run from the middle, over a correction and earlier runs, in both directions: masks of persons and of runs are fetched too.
        static async Task TwiceAsync(HqTrackClient client, string project)
        {
            Assert.Equal("done", (await client.WaitAsync(project, (await client.TrackAsync(project, 0)).Number)).State);
            await client.PromptAsync(project, 5, 2, AnnotatorServer.Square(7, 2));
            await client.PromptAsync(project, 2, 1, AnnotatorServer.Square(3, 1));
            await client.LockFrameAsync(project, 2);
            var both = await client.WaitAsync(project, (await client.TrackAsync(project, 4, "both")).Number);
            Assert.Equal(("done", frames), (both.State, both.Done));
        }
    }

    [Fact]
    public async Task A_worker_goes_on_where_another_one_went_and_stops_when_a_person_says_so()
    {
        const int frames = 200;
        await using var server = await StartAsync();
        var project = await shared.ClipAsync(frames, server.Client);
        var run = await server.Client.TrackAsync(project.Id, 0);
        using (var enough = new CancellationTokenSource())
        {
            var first = WorkAsync(server, enough.Token);
            await DoneAsync(server.Client, project.Id, run.Number, 10);
            await enough.CancelAsync();
            await first;
        }

        var left = (await server.Client.GetRunAsync(project.Id, run.Number)).Done;
        Assert.InRange(left, 10, frames - 1);
        var paths = Path.Combine(Data, "projects", project.Id, "runs", $"{run.Number}");
        Assert.Contains($"\"frame\":{left - 1}", File.ReadAllText(Path.Combine(paths, "checkpoint.json")), StringComparison.Ordinal);
        using var stop = new CancellationTokenSource();
        var second = WorkAsync(server, stop.Token);
        await DoneAsync(server.Client, project.Id, run.Number, left + 5);
        await server.Client.StopAsync(project.Id, run.Number);
        Assert.Equal("stopped", (await server.Client.WaitAsync(project.Id, run.Number)).State);
        Assert.Equal(2, Directory.GetFiles(paths, "claim-*").Length);
        var lines = File.ReadAllLines(Path.Combine(paths, "frames.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("frame").GetInt32()).ToList();
        Assert.Equal(Enumerable.Range(0, lines.Count), lines); // none tracked twice, none left out
        await stop.CancelAsync();
        await second;
    }

    [Fact]
    public async Task A_worker_that_is_silent_loses_its_run_and_what_it_sends_later_is_refused()
    {
        await using var server = await StartAsync(lost: TimeSpan.FromSeconds(1));
        var project = await shared.ClipAsync(4, server.Client);
        var run = await server.Client.TrackAsync(project.Id, 0);
        var (path, lease) = await ClaimAsync(server);
        var again = await AnswerAsync(server, HttpMethod.Post, $"{path[..path.IndexOf("/leases", StringComparison.Ordinal)]}/claim");
        Assert.Equal(lease.Lease, again.Document.GetProperty("lease").GetString()); // the answer was lost: the same run
        var frame = Frame(0, [1, 2]);
        Assert.Equal(HttpStatusCode.OK, (await AnswerAsync(server, HttpMethod.Post, $"{path}/frames", new PushDocument([frame]))).Status);
        Assert.Equal(HttpStatusCode.OK, (await AnswerAsync(server, HttpMethod.Post, $"{path}/frames", new PushDocument([frame]))).Status);
        Assert.Single(File.ReadAllLines(Path.Combine(Data, "projects", project.Id, "runs", $"{run.Number}", "frames.jsonl"))); // pushed twice, kept once
        using var enough = new CancellationTokenSource();
        var other = WorkAsync(server, enough.Token);
        Assert.Equal("done", (await server.Client.WaitAsync(project.Id, run.Number)).State);
        foreach (var (method, what, body) in ((HttpMethod, string, object?)[])[
            (HttpMethod.Post, "beat", null), (HttpMethod.Post, "frames", new PushDocument([frame])), (HttpMethod.Post, "end", new LeaseEnd("done", null)), (HttpMethod.Get, "frames/0", null)])
        {
            var (status, code, _) = await AnswerAsync(server, method, $"{path}/{what}", body);
            Assert.Equal((HttpStatusCode.Gone, "lease-lost"), (status, code));
        }

        await enough.CancelAsync();
        await other;
    }

    [Fact]
    public async Task What_does_not_fit_the_run_is_refused_and_kept_nowhere()
    {
        await using var server = await StartAsync(limits: new() { PushBytes = 100_000, SessionBytes = 1000 });
        var project = await shared.ClipAsync(4, server.Client);
        var run = await server.Client.TrackAsync(project.Id, 0, to: 2);
        var (path, _) = await ClaimAsync(server);
        var good = Frame(1, [1, 2]);
        var small = IndexedPng.Encode(new LabelMap(8, 8));
        (string What, object? Body, HttpStatusCode Status, string Code)[] refused =
        [
            ("frames", new PushDocument([good with { Frame = 3 }]), HttpStatusCode.UnprocessableEntity, "unusable"),
            ("frames", new PushDocument([good with { Frame = -1 }]), HttpStatusCode.UnprocessableEntity, "unusable"),
            ("frames", new PushDocument([good with { Sha256 = new string('0', 64) }]), HttpStatusCode.UnprocessableEntity, "hash-differs"),
            ("frames", new PushDocument([Of(good, small)]), HttpStatusCode.UnprocessableEntity, "unusable"),
            ("frames", new PushDocument([Of(good, [1, 2, 3])]), HttpStatusCode.UnprocessableEntity, "unusable"),
            ("frames", new PushDocument([Frame(1, [1])]), HttpStatusCode.UnprocessableEntity, "unusable"),
            ("frames", new PushDocument([good with { Objects = [new(1, 2), new(2, 0.5)] }]), HttpStatusCode.UnprocessableEntity, "unusable"),
            ("frames", new PushDocument([good with { Objects = [new(1, 1), new(2, 1), new(9, 1)] }]), HttpStatusCode.UnprocessableEntity, "unusable"),
            ("frames", new PushDocument([Of(good, new byte[100_000])]), HttpStatusCode.RequestEntityTooLarge, "too-large"),
            ("frames", new { frames = new object?[] { null } }, HttpStatusCode.BadRequest, "invalid"),
            ("frames", new PushDocument([good with { Objects = [new(1, 1), null!] }]), HttpStatusCode.BadRequest, "invalid"),
            ("frames", new PushDocument([.. Enumerable.Repeat(Frame(1, []) with { Mask = [] }, 65)]), HttpStatusCode.BadRequest, "invalid"),
            ("frames", new { frames = new[] { good }, more = 1 }, HttpStatusCode.BadRequest, "invalid"),
            ("end", new LeaseEnd("done", null), HttpStatusCode.UnprocessableEntity, "unusable"),
            ("end", new LeaseEnd("finished", null), HttpStatusCode.BadRequest, "invalid"),
        ];
        foreach (var (what, body, status, code) in refused)
        {
            var answer = await AnswerAsync(server, HttpMethod.Post, $"{path}/{what}", body);
            Assert.True((status, code) == (answer.Status, answer.Code), $"{what} {body}: {answer}");
        }

        foreach (var (query, bytes, status, code) in ((string, byte[], HttpStatusCode, string)[])[
            ($"pass=forward&frame=1&sha256={TrackedDocument.HashOf([1])}", [2], HttpStatusCode.UnprocessableEntity, "hash-differs"),
            ($"pass=forward&frame=1&sha256={TrackedDocument.HashOf([1])}", [1], HttpStatusCode.UnprocessableEntity, "unusable"), // before its frames
            ($"pass=../../x&frame=1&sha256={TrackedDocument.HashOf([1])}", [1], HttpStatusCode.UnprocessableEntity, "unusable"),
            ($"pass=backward&frame=1&sha256={TrackedDocument.HashOf([1])}", [1], HttpStatusCode.UnprocessableEntity, "unusable"),
            ($"pass=forward&frame=1&sha256={TrackedDocument.HashOf([1])}", new byte[1001], HttpStatusCode.RequestEntityTooLarge, "too-large")])
        {
            var answer = await AnswerAsync(server, HttpMethod.Put, $"{path}/session?{query}", bytes);
            Assert.Equal((status, code), (answer.Status, answer.Code));
        }

        foreach (var what in (string[])["frames/3", "frames/-1", $"masks/{new string('0', 64)}", "masks/..%2F..%2Fjournal.jsonl", "session"])
        {
            Assert.Equal("not-found", (await AnswerAsync(server, HttpMethod.Get, $"{path}/{what}")).Code);
        }

        var folder = Path.Combine(Data, "projects", project.Id, "runs", $"{run.Number}");
        Assert.Equal(["claim-1", "frames.jsonl"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order());
        Assert.Equal(0, new FileInfo(Path.Combine(folder, "frames.jsonl")).Length);
        Assert.Equal(HttpStatusCode.NoContent, (await AnswerAsync(server, HttpMethod.Post, $"{path}/end", new LeaseEnd("failed", "no\u001b[31mcolour\nhere"))).Status);
        Assert.Equal(("failed", "no [31mcolour here"), (await server.Client.GetRunAsync(project.Id, run.Number)) is var end ? (end.State, end.Error) : default);
    }

    [Fact]
    public async Task A_run_whose_files_are_gone_fails_and_holds_no_worker_up()
    {
        await using var server = await StartAsync();
        var project = await shared.ClipAsync(3, server.Client);
        using (var enough = new CancellationTokenSource())
        {
            var working = WorkAsync(server, enough.Token);
            Assert.Equal("done", (await server.Client.WaitAsync(project.Id, (await server.Client.TrackAsync(project.Id, 0)).Number)).State);
            await enough.CancelAsync();
            await working;
        }

        await server.Client.PromptAsync(project.Id, 2, 1, AnnotatorServer.Square(2, 1)); // object 2 is what the run before left
        var run = await server.Client.TrackAsync(project.Id, 2, "backward");
        var (path, _) = await ClaimAsync(server);
        File.Delete(Directory.GetFiles(Path.Combine(Data, "projects", project.Id, "frames"), "000001.*").Single());
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "unusable"), (await AnswerAsync(server, HttpMethod.Get, $"{path}/frames/1")) is var gone ? (gone.Status, gone.Code) : default);
        File.Delete(Directory.GetFiles(Path.Combine(Data, "projects", project.Id, "runs"), "000002.png", SearchOption.AllDirectories).Single());
        Assert.Equal(HttpStatusCode.NoContent, (await AnswerAsync(server, HttpMethod.Post, $"{path[..path.IndexOf("/leases", StringComparison.Ordinal)]}/claim")).Status);
        var failed = await server.Client.WaitAsync(project.Id, run.Number);
        Assert.Equal("failed", failed.State);
        Assert.Contains("000002.png", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readers_strangers_and_workers_of_another_kind_do_not_work()
    {
        await using var server = await StartAsync(limits: new() { RemoteWorkers = 1 });
        var hello = new WorkerHello("machine", 7, "0.0.1", "another model");
        Assert.Equal("worker-differs", (await AnswerAsync(server, HttpMethod.Post, "workers", hello)).Code);
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", Read);
        Assert.Equal((HttpStatusCode.Forbidden, "role-too-low"), (await AnswerAsync(server, HttpMethod.Post, "workers", hello)) is var low ? (low.Status, low.Code) : default);
        Assert.Equal("role-too-low", (await AnswerAsync(server, HttpMethod.Get, $"workers/{new string('0', 32)}/leases/{new string('0', 32)}/frames/0")).Code);
        server.Http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal("token-missing", (await AnswerAsync(server, HttpMethod.Post, "workers", hello)).Code);
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", Edit);
        await JoinAsync(server);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "too-many"), (await AnswerAsync(server, HttpMethod.Post, "workers", await HelloAsync())) is var full ? (full.Status, full.Code) : default);
    }

    [Fact]
    public async Task Wrong_addresses_and_tokens_are_one_line_and_a_server_that_goes_is_waited_for_a_while()
    {
        await using var server = await StartAsync();
        async Task<RunResult> RunAsync(params string[] options) => await Hqtrack.RunAsync(["worker", "--weights", shared.LiteWeights, "--threads", "1", .. options]);
        (await RunAsync("--remote", "http://127.0.0.1:1")).AssertFails(ExitCode.Failure, "http://127.0.0.1:1", "refused", "check --remote");
        (await RunAsync("--remote", server.Address, "--token", $"{Edit}\n")).AssertFails(ExitCode.Usage, "give the secret alone");
        (await RunAsync("--remote", "ftp://127.0.0.1")).AssertFails(ExitCode.Usage, "--remote", "expected such as");
        (await RunAsync("--remote", server.Address, "--data", Data)).AssertFails(ExitCode.Usage, "leave out --data and --jobs");
        (await RunAsync("--token", Edit)).AssertFails(ExitCode.Usage, "--remote URL");
        (await RunAsync("--remote", server.Address)).AssertFails(ExitCode.Failure, "does not know the token", "role edit");
        var wrong = await RunAsync("--remote", server.Address, "--token", "not-the-secret-of-anybody");
        wrong.AssertFails(ExitCode.Failure, "does not know the token");
        Assert.DoesNotContain("not-the-secret", wrong.Error, StringComparison.Ordinal);
        (await RunAsync("--remote", server.Address, "--token", Read)).AssertFails(ExitCode.Failure, "the role edit", "the token has read");
        (await RunAsync("--remote", server.Address, "--token", Edit, "--memory-gap", "7")).AssertFails(ExitCode.Failure, "does not take this worker", "memory 7");
        (await RunAsync("--remote", $"{server.Address}/elsewhere", "--token", Edit)).AssertFails(ExitCode.Failure, "none that this version knows", "404");

        var logged = shared.Log.Count;
        var working = RunAsync("--remote", server.Address, "--token", Edit, "--patience", "2");
        for (var wait = 0; !shared.Log.Skip(logged).Any(line => line.Contains("is here", StringComparison.Ordinal)); wait++)
        {
            Assert.True(wait < 600, "the worker does not come");
            await Task.Delay(50);
        }

        await server.StopAsync();
        var gone = await working.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(ExitCode.Failure, gone.ExitCode);
        Assert.Contains("has not answered for 2 s", gone.Error, StringComparison.Ordinal);
    }

    private async Task<Served> StartAsync(TimeSpan? lost = null, ServeLimits? limits = null)
    {
        var (started, http) = await shared.StartAsync(
            Data, limits, [AccessToken.Of("worker", Role.Edit, Edit), AccessToken.Of("reader", Role.Read, Read)], points: false, tracks: false, lost: lost);
        http.DefaultRequestHeaders.Authorization = new("Bearer", Edit);
        return new(started, http);
    }

    private Task WorkAsync(Served server, CancellationToken cancellation) => Task.Run(
        () => RemoteWorker.RunAsync(new(server.Address), Edit, TimeSpan.FromSeconds(5), () => HqTracker.Load("lite", Options()), LogLevel.Error, () => { }, cancellation), CancellationToken.None);

    private HqTrackerOptions Options() => new() { WeightsPath = shared.LiteWeights, Threads = 1 };

    private async Task<WorkerHello> HelloAsync()
    {
        using var tracker = await Task.Run(() => HqTracker.Load("lite", Options()));
        return WorkerHello.Of(tracker);
    }

    private async Task<string> JoinAsync(Served server) => (await AnswerAsync(server, HttpMethod.Post, "workers", await HelloAsync())).Document.GetProperty("worker").GetString()!;

    private async Task<(string Path, LeaseDocument Lease)> ClaimAsync(Served server)
    {
        var worker = await JoinAsync(server);
        var answer = await AnswerAsync(server, HttpMethod.Post, $"workers/{worker}/claim");
        var lease = answer.Document.Deserialize<LeaseDocument>(Format)!;
        return ($"workers/{worker}/leases/{lease.Lease}", lease);
    }

    private static async Task<(HttpStatusCode Status, string? Code, JsonElement Document)> AnswerAsync(Served server, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"api/work/{path}")
        {
            Content = body switch
            {
                null => null,
                byte[] bytes => new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } },
                _ => JsonContent.Create(body, body.GetType(), options: Format),
            },
        };
        using var response = await server.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var document = text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default;
        return (response.StatusCode, response.IsSuccessStatusCode || document.ValueKind != JsonValueKind.Object ? null : document.GetProperty("code").GetString(), document);
    }

    private static TrackedDocument Frame(int index, int[] ids)
    {
        SmallClip.Draw(index, out var labels);
        return Of(new(index, [.. ids.Select(id => new TrackedObjectDocument(id, 0.5))], [], string.Empty), IndexedPng.Encode(labels));
    }

    private static TrackedDocument Of(TrackedDocument frame, byte[] mask) => frame with { Mask = mask, Sha256 = TrackedDocument.HashOf(mask) };

    private static async Task DoneAsync(HqTrackClient client, string project, int run, int frames)
    {
        for (var wait = 0; (await client.GetRunAsync(project, run)).Done < frames; wait++)
        {
            Assert.True(wait < 3000, "the run does not come on");
            await Task.Delay(10);
        }
    }

    private static async Task<List<string>> FramesAsync(HqTrackClient client, string project, int frames)
    {
        var all = new List<string>();
        for (var i = 0; i < frames; i++)
        {
            var objects = await client.GetFrameObjectsAsync(project, i, masks: true);
            all.Add($"{i}: {string.Join("; ", objects.Select(entry => $"{entry.Object} {entry.Area} {entry.Box} {entry.Confidence} {entry.Source} {entry.Mask!.Counts}"))}");
        }

        return all;
    }

    private sealed class Served(WebServer server, HttpClient http) : IAsyncDisposable
    {
        private bool stopped;

        public string Address { get; } = server.Address;

        public HttpClient Http => http;

        public HqTrackClient Client { get; } = new(http);

        public async Task StopAsync()
        {
            stopped = true;
            await server.DisposeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            if (!stopped)
            {
                await server.DisposeAsync();
            }
        }
    }
}
