using System.Diagnostics;
using System.Text.Json;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Web;

/// <summary>submit, jobs, worker: jobs over processes with PostgreSQL between them, and without it.</summary>
[Collection("torch")]
public sealed class JobsTests(LiteWeights weights) : IClassFixture<LiteWeights>, IDisposable
{
    private const int Frames = 12;

    private readonly TempFolder folder = new();

    private string Data => folder["data"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Submitted_videos_are_jobs_that_are_listed_cancelled_and_tried_again()
    {
        Write(3);
        var submitted = await SubmitAsync();
        Assert.Equal("server", submitted.GetProperty("queue").GetString());
        var jobs = submitted.GetProperty("videos").EnumerateArray().Select(video => video.GetProperty("job").GetString()!).ToList();
        Assert.Equal(3, jobs.Distinct().Count());
        var listed = await Hqtrack.RunAsync("jobs", "list", "--data", Data, "--json");
        Assert.Equal(["v0 queued 0/12", "v1 queued 0/12", "v2 queued 0/12"], Jobs(listed).Select(Line).Order());
        (await Hqtrack.RunAsync("jobs", "cancel", jobs[1], "--data", Data)).AssertSucceeds();
        Assert.Equal("v1 stopped 0/12", Line((await Hqtrack.RunAsync("jobs", "show", jobs[1], "--data", Data, "--json")).Json));
        (await Hqtrack.RunAsync("jobs", "retry", jobs[0], "--data", Data)).AssertFails(ExitCode.Usage, "is queued", "failed or was stopped");
        (await Hqtrack.RunAsync("jobs", "retry", jobs[1], "--data", Data)).AssertSucceeds();
        Assert.Equal(3, Jobs(await Hqtrack.RunAsync("jobs", "list", "--state", "queued", "--data", Data, "--json")).Count());
        (await Hqtrack.RunAsync("jobs", "show", "aaaaaaaaaaaa/1", "--data", Data)).AssertFails(ExitCode.Usage, "PROJECT/RUN");
    }

    [Fact]
    public async Task What_cannot_be_submitted_makes_no_project()
    {
        Write(1);
        File.Delete(Path.Combine(folder["masks"], "v0.png"));
        (await Hqtrack.RunAsync("submit", folder["videos"], "--masks", folder["masks"], "--data", Data)).AssertFails(ExitCode.Failure, "'v0' has no mask");
        (await Hqtrack.RunAsync("submit", folder["videos"], "--data", Data)).AssertFails(ExitCode.Usage, "--masks DIR or --prompts DIR");
        MaskFile.Write(Path.Combine(folder["masks"], "v0.png"), new LabelMap(8, 8) { Ids = { [3] = 1 } });
        (await Hqtrack.RunAsync("submit", folder["videos"], "--masks", folder["masks"], "--data", Data)).AssertFails(ExitCode.Failure, "'v0' was not submitted", "8x8");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Data, "projects")));
    }

    [Fact]
    public async Task Prompts_of_a_file_are_the_objects_of_a_job()
    {
        Write(1);
        File.WriteAllText(Path.Combine(folder["masks"], "v0.json"), """[{"frame": 0, "add": {"id": 2, "mask": "v0.png"}}, {"frame": 5, "remove": 2}]""");
        var result = await Hqtrack.RunAsync("submit", folder["videos"], "--prompts", folder["masks"], "--data", Data, "--json");
        result.AssertSucceeds();
        var job = result.Json.GetProperty("videos")[0].GetProperty("job").GetString()!;
        var shown = (await Hqtrack.RunAsync("jobs", "show", job, "--data", Data, "--json")).Json;
        Assert.Equal([2], shown.GetProperty("objects").EnumerateArray().Select(id => id.GetInt32()));
    }

    [Fact]
    public async Task A_database_that_cannot_be_used_is_one_line_without_the_password()
    {
        Write(1);
        await SubmitAsync();
        var away = await Hqtrack.RunAsync("worker", "--data", Data, "--jobs", "Host=127.0.0.1;Port=1;Username=u;Password=hidden-word");
        away.AssertFails(ExitCode.Failure, "PostgreSQL at 127.0.0.1, port 1", "check --jobs");
        var wrong = await Hqtrack.RunAsync("worker", "--data", Data, "--jobs", "Host=a;Passwort=hidden-word");
        wrong.AssertFails(ExitCode.Usage, "--jobs", "no connection string");
        Assert.DoesNotContain("hidden", away.Error + wrong.Error, StringComparison.Ordinal);
        (await Hqtrack.RunAsync("worker", "--data", Data)).AssertFails(ExitCode.Usage, "give --jobs", "--remote URL");
        (await Hqtrack.RunAsync("worker", "--data", folder["other"], "--jobs", "Host=127.0.0.1;Port=1")).AssertFails(ExitCode.Failure, "is no data folder");
    }

    [Fact]
    public async Task A_worker_process_tracks_what_waits_in_PostgreSQL_and_stops_in_order()
    {
        using var postgres = PostgresServer.Start();
        Write(2);
        var submitted = await SubmitAsync("--jobs", postgres.Connection);
        Assert.Equal("database", submitted.GetProperty("queue").GetString());
        using var worker = StartWorker(postgres);
        Assert.StartsWith("Working for", await worker.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await WaitAsync(2, TimeSpan.FromMinutes(2));
        Process.Start("kill", ["-TERM", $"{worker.Id}"]).WaitForExit();
        var end = await Hqtrack.FinishAsync(worker);
        Assert.Equal((ExitCode.Ok, string.Empty), (end.ExitCode, end.Error));
        var wrong = await Hqtrack.RunAsync("worker", "--data", Data, "--jobs", postgres.Connection.Replace(postgres.Password, "wrong", StringComparison.Ordinal));
        wrong.AssertFails(ExitCode.Failure, "password authentication failed");
        Assert.DoesNotContain(postgres.Password, end.Error + wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_leaves_runs_to_workers_and_queues_what_nobody_queued()
    {
        using var postgres = PostgresServer.Start();
        Write(1);
        var environment = new Dictionary<string, string> { ["HQTRACK_JOBS"] = postgres.Connection };
        using var served = Hqtrack.Start(environment, "serve", "--data", Data, "--port", "0", "--no-example", "--no-tracking", "--weights", weights.Path, "--threads", "1");
        Assert.StartsWith("Serving", await served.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await SubmitAsync(); // beside the server, and not to the database
        using var worker = StartWorker(postgres, quiet: true);
        try
        {
            await WaitAsync(1, TimeSpan.FromMinutes(2));
            var job = Jobs(await ListAsync()).Single();
            Assert.EndsWith($":{worker.Id}", job.GetProperty("worker").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            worker.Kill();
            served.Kill();
        }
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task Twelve_videos_come_out_once_each_while_workers_are_killed_and_PostgreSQL_restarts()
    {
        const int videos = 12;
        const int workers = 3;
        const int kills = 10;
        const int frames = 300;
        var random = new Random(11);
        using var postgres = PostgresServer.Start();
        Write(videos, frames);
        var alone = await FollowAsync(videos);
        await SubmitAsync("--jobs", postgres.Connection);
        var running = Enumerable.Range(0, workers).Select(_ => StartWorker(postgres, quiet: true)).ToList();
        var (restarts, busy) = (0, 0);
        try
        {
            for (var kill = 1; kill <= kills; kill++)
            {
                await Task.Delay(random.Next(1000, 3500), TestContext.Current.CancellationToken);
                if (kill is 4 or 8)
                {
                    postgres.Restart(TimeSpan.FromSeconds(2));
                    restarts++;
                }

                busy += Jobs(await ListAsync()).Any(job => State(job) == "running") ? 1 : 0;
                var victim = random.Next(workers);
                running[victim].Kill();
                await running[victim].WaitForExitAsync(TestContext.Current.CancellationToken);
                running[victim].Dispose();
                running[victim] = StartWorker(postgres, quiet: true);
            }

            await WaitAsync(videos, TimeSpan.FromMinutes(8));
        }
        finally
        {
            running.ForEach(Kill);
        }

        var jobs = Jobs(await ListAsync()).ToList();
        var taken = jobs.Sum(job => job.GetProperty("taken").GetInt32());
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills ({busy} while jobs ran), {restarts} restarts of PostgreSQL: {jobs.Count} jobs, taken {taken} times");
        Assert.True(taken > videos, "no job was ever taken from a dead worker");
        Assert.InRange(busy, kills / 2, kills); // else the jobs are too short for this machine
        AssertResults(jobs, alone, frames);
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task Workers_without_the_data_folder_finish_every_run_while_one_is_killed_and_the_server_is_too()
    {
        const int videos = 4;
        const int frames = 300;
        const string token = "secret-of-the-workers";
        using var postgres = PostgresServer.Start();
        Write(videos, frames);
        var alone = await FollowAsync(videos);
        await SubmitAsync("--jobs", postgres.Connection);
        var port = PostgresServer.FreePort();
        Process Serve() => Quiet(Hqtrack.Start(
            new Dictionary<string, string> { ["HQTRACK_JOBS"] = postgres.Connection, ["HQTRACK_TOKEN"] = token },
            "serve", "--data", Data, "--port", $"{port}", "--no-example", "--no-tracking", "--weights", weights.Path, "--threads", "1", "--lost-after", "5"));
        Process Work() => Quiet(Hqtrack.Start(
            new Dictionary<string, string> { ["HQTRACK_TOKEN"] = token }, "worker", "--remote", $"http://127.0.0.1:{port}", "--weights", weights.Path, "--threads", "1"));
        async Task<List<JsonElement>> BusyAsync(int workers)
        {
            List<JsonElement> now;
            while ((now = [.. Jobs(await ListAsync())]).Count(job => State(job) == "running" && job.GetProperty("done").GetInt32() > 5) < workers)
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }

            return now;
        }

        List<Process> running = [Serve()];
        try
        {
            await WaitForPortAsync(port);
            running.AddRange([Work(), Work()]);
            await BusyAsync(2);
            running[1].Kill();
            await BusyAsync(2);
            running[0].Kill();
            await Task.Delay(2000, TestContext.Current.CancellationToken);
            running.Add(Serve());
            await Task.Delay(500, TestContext.Current.CancellationToken);
            running.Add(Work());
            await WaitAsync(videos, TimeSpan.FromMinutes(6));
        }
        finally
        {
            running.ForEach(Kill);
        }

        var jobs = Jobs(await ListAsync()).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"taken {string.Join(", ", jobs.Select(job => job.GetProperty("taken").GetInt32()))} times");
        Assert.InRange(jobs.Sum(job => job.GetProperty("taken").GetInt32()), videos + 2, int.MaxValue); // the killed worker's run, and those of the killed server
        AssertResults(jobs, alone, frames);
    }

    private void AssertResults(List<JsonElement> jobs, Dictionary<string, List<string>> alone, int frames)
    {
        Assert.Equal(alone.Keys.Select(name => $"{name} done {frames}/{frames}").Order(), jobs.Select(Line).Order());
        foreach (var job in jobs)
        {
            var run = Path.Combine(Data, "projects", job.GetProperty("project").GetString()!, "runs", $"{job.GetProperty("run").GetInt32()}");
            var written = File.ReadLines(Path.Combine(run, "frames.jsonl")).Where(IsWhole).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("frame").GetInt32());
            Assert.Equal(Enumerable.Range(0, frames), written.Distinct().Order());
            Assert.Equal(alone[job.GetProperty("name").GetString()!], Enumerable.Range(0, frames).Select(frame => Convert.ToHexString(IndexedPng.Read(Path.Combine(run, "masks", $"{frame:D6}.png")).Ids)));
        }
    }

    private static async Task WaitForPortAsync(int port)
    {
        using var http = new HttpClient();
        for (var start = Stopwatch.GetTimestamp(); ; await Task.Delay(200, TestContext.Current.CancellationToken))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1), "the server does not come up");
            try
            {
                (await http.GetAsync($"http://127.0.0.1:{port}/healthz", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }
        }
    }

    private static Process Quiet(Process process)
    {
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        return process;
    }

    private static bool IsWhole(string line)
    {
        try
        {
            using var _ = JsonDocument.Parse(line);
            return true;
        }
        catch (JsonException)
        {
            return false; // a kill cut it short
        }
    }

    private static void Kill(Process process)
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private static string State(JsonElement job) => job.GetProperty("state").GetString()!;

    private static string Line(JsonElement job) => $"{job.GetProperty("name").GetString()} {State(job)} {job.GetProperty("done").GetInt32()}/{job.GetProperty("total").GetInt32()}";

    private static IEnumerable<JsonElement> Jobs(RunResult result)
    {
        result.AssertSucceeds();
        return result.Json.GetProperty("jobs").EnumerateArray();
    }

    private Task<RunResult> ListAsync() => Hqtrack.RunAsync("jobs", "list", "--data", Data, "--json");

    private async Task<JsonElement> SubmitAsync(params string[] options)
    {
        var result = await Hqtrack.RunAsync(["submit", folder["videos"], "--masks", folder["masks"], "--data", Data, "--json", .. options]);
        result.AssertSucceeds();
        return result.Json;
    }

    private Process StartWorker(PostgresServer postgres, bool quiet = false)
    {
        var process = Hqtrack.Start(new Dictionary<string, string> { ["HQTRACK_JOBS"] = postgres.Connection }, "worker", "--data", Data, "--weights", weights.Path, "--threads", "1", "--lost-after", "5");
        return quiet ? Quiet(process) : process;
    }

    private async Task WaitAsync(int jobs, TimeSpan most)
    {
        var start = Stopwatch.GetTimestamp();
        List<JsonElement> now;
        while ((now = [.. Jobs(await ListAsync())]).Count(job => State(job) == "done") < jobs)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < most, $"after {most}: {string.Join(", ", now.Select(Line))}");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    // Each video starts elsewhere in the clip, so that no two have the same masks.
    private void Write(int videos, int frames = Frames)
    {
        for (var video = 0; video < videos; video++)
        {
            for (var i = 0; i < frames; i++)
            {
                ImageFile.WriteJpeg(Path.Combine(folder["videos"], $"v{video}", $"{i:D5}.jpg"), SmallClip.Draw((video + i) % 30, out var labels));
                if (i == 0)
                {
                    MaskFile.Write(Path.Combine(folder["masks"], $"v{video}.png"), labels);
                }
            }
        }
    }

    // The same jobs by one process without a database.
    private async Task<Dictionary<string, List<string>>> FollowAsync(int videos)
    {
        using var tracker = HqTracker.Load("lite", new() { WeightsPath = weights.Path, Threads = 1 });
        var all = new Dictionary<string, List<string>>();
        for (var video = 0; video < videos; video++)
        {
            using var session = tracker.StartSession();
            var source = FrameSource.Open(Path.Combine(folder["videos"], $"v{video}"));
            var first = MaskFile.Read(Path.Combine(folder["masks"], $"v{video}.png"));
            all[$"v{video}"] = await Task.Run(() => source.Read().Select(frame => Convert.ToHexString((frame.Index == 0 ? session.Add(frame, Prompt.Mask(first)) : session.Track(frame)).Labels.Ids)).ToList());
        }

        return all;
    }
}
