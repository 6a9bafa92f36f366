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
    private readonly JobsBench bench = new(weights);

    private string Data => bench.Data;

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Submitted_videos_are_jobs_that_are_listed_cancelled_and_tried_again()
    {
        bench.Write(3);
        var submitted = await bench.SubmitAsync();
        Assert.Equal("server", submitted.GetProperty("queue").GetString());
        var jobs = submitted.GetProperty("videos").EnumerateArray().Select(video => video.GetProperty("job").GetString()!).ToList();
        Assert.Equal(3, jobs.Distinct().Count());
        var listed = await Hqtrack.RunAsync("jobs", "list", "--data", Data, "--json");
        Assert.Equal(["v0 queued 0/12", "v1 queued 0/12", "v2 queued 0/12"], JobsBench.Jobs(listed).Select(JobsBench.Line).Order());
        (await Hqtrack.RunAsync("jobs", "cancel", jobs[1], "--data", Data)).AssertSucceeds();
        Assert.Equal("v1 stopped 0/12", JobsBench.Line((await Hqtrack.RunAsync("jobs", "show", jobs[1], "--data", Data, "--json")).Json));
        (await Hqtrack.RunAsync("jobs", "retry", jobs[0], "--data", Data)).AssertFails(ExitCode.Usage, "is queued", "failed or was stopped");
        (await Hqtrack.RunAsync("jobs", "retry", jobs[1], "--data", Data)).AssertSucceeds();
        Assert.Equal(3, JobsBench.Jobs(await Hqtrack.RunAsync("jobs", "list", "--state", "queued", "--data", Data, "--json")).Count());
        (await Hqtrack.RunAsync("jobs", "show", "aaaaaaaaaaaa/1", "--data", Data)).AssertFails(ExitCode.Usage, "PROJECT/RUN");
    }

    [Fact]
    public async Task What_cannot_be_submitted_makes_no_project()
    {
        bench.Write(1);
        File.Delete(Path.Combine(bench.Masks, "v0.png"));
        (await Hqtrack.RunAsync("submit", bench.Videos, "--masks", bench.Masks, "--data", Data)).AssertFails(ExitCode.Failure, "'v0' has no mask");
        (await Hqtrack.RunAsync("submit", bench.Videos, "--data", Data)).AssertFails(ExitCode.Usage, "--masks DIR or --prompts DIR");
        MaskFile.Write(Path.Combine(bench.Masks, "v0.png"), new LabelMap(8, 8) { Ids = { [3] = 1 } });
        (await Hqtrack.RunAsync("submit", bench.Videos, "--masks", bench.Masks, "--data", Data)).AssertFails(ExitCode.Failure, "'v0' was not submitted", "8x8");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Data, "projects")));
    }

    [Fact]
    public async Task Prompts_of_a_file_are_the_objects_of_a_job()
    {
        bench.Write(1);
        File.WriteAllText(Path.Combine(bench.Masks, "v0.json"), """[{"frame": 0, "add": {"id": 2, "mask": "v0.png"}}, {"frame": 5, "remove": 2}]""");
        var result = await Hqtrack.RunAsync("submit", bench.Videos, "--prompts", bench.Masks, "--data", Data, "--json");
        result.AssertSucceeds();
        var job = result.Json.GetProperty("videos")[0].GetProperty("job").GetString()!;
        var shown = (await Hqtrack.RunAsync("jobs", "show", job, "--data", Data, "--json")).Json;
        Assert.Equal([2], shown.GetProperty("objects").EnumerateArray().Select(id => id.GetInt32()));
    }

    [Fact]
    public async Task A_database_that_cannot_be_used_is_one_line_without_the_password()
    {
        bench.Write(1);
        await bench.SubmitAsync();
        var away = await Hqtrack.RunAsync("worker", "--data", Data, "--jobs", "Host=127.0.0.1;Port=1;Username=u;Password=hidden-word");
        away.AssertFails(ExitCode.Failure, "PostgreSQL at 127.0.0.1, port 1", "check --jobs");
        var wrong = await Hqtrack.RunAsync("worker", "--data", Data, "--jobs", "Host=a;Passwort=hidden-word");
        wrong.AssertFails(ExitCode.Usage, "--jobs", "no connection string");
        Assert.DoesNotContain("hidden", away.Error + wrong.Error, StringComparison.Ordinal);
        (await Hqtrack.RunAsync("worker", "--data", Data)).AssertFails(ExitCode.Usage, "give --jobs", "--remote URL");
        (await Hqtrack.RunAsync("worker", "--data", bench.Data + "-other", "--jobs", "Host=127.0.0.1;Port=1")).AssertFails(ExitCode.Failure, "is no data folder");
    }

    [Fact]
    public async Task A_worker_process_tracks_what_waits_in_PostgreSQL_and_stops_in_order()
    {
        using var postgres = PostgresServer.Start();
        bench.Write(2);
        var submitted = await bench.SubmitAsync("--jobs", postgres.Connection);
        Assert.Equal("database", submitted.GetProperty("queue").GetString());
        using var worker = bench.StartWorker(postgres);
        Assert.StartsWith("Working for", await worker.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await bench.WaitAsync(2, TimeSpan.FromMinutes(2));
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
        bench.Write(1);
        var environment = new Dictionary<string, string> { ["HQTRACK_JOBS"] = postgres.Connection };
        using var served = Hqtrack.Start(environment, "serve", "--data", Data, "--port", "0", "--no-example", "--no-tracking", "--weights", weights.Path, "--threads", "1");
        Assert.StartsWith("Serving", await served.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await bench.SubmitAsync(); // beside the server, and not to the database
        using var worker = bench.StartWorker(postgres, quiet: true);
        try
        {
            await bench.WaitAsync(1, TimeSpan.FromMinutes(2));
            var job = JobsBench.Jobs(await bench.ListAsync()).Single();
            Assert.EndsWith($":{worker.Id}", job.GetProperty("worker").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            worker.Kill();
            served.Kill();
        }
    }
}
