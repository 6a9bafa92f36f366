using System.Diagnostics;
using System.Text.Json;
using HqTrack.AppTests.Infrastructure;

namespace HqTrack.AppTests.Web;

/// <summary>Jobs while their workers, the database and the server are killed: one result each, equal to that of one process.</summary>
[Collection("torch")]
[Trait("Category", "Long")]
public sealed class JobsLongTests(LiteWeights weights) : IClassFixture<LiteWeights>, IDisposable
{
    private readonly JobsBench bench = new(weights);

    public void Dispose() => bench.Dispose();

    [Fact(Explicit = true)]
    public async Task Twelve_videos_come_out_once_each_while_workers_are_killed_and_PostgreSQL_restarts()
    {
        const int videos = 12;
        const int workers = 3;
        const int kills = 10;
        const int frames = 300;
        var random = new Random(11);
        using var postgres = PostgresServer.Start();
        bench.Write(videos, frames);
        var alone = await bench.FollowAsync(videos);
        await bench.SubmitAsync("--jobs", postgres.Connection);
        var running = Enumerable.Range(0, workers).Select(_ => bench.StartWorker(postgres, quiet: true)).ToList();
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

                busy += JobsBench.Jobs(await bench.ListAsync()).Any(job => JobsBench.State(job) == "running") ? 1 : 0;
                var victim = random.Next(workers);
                running[victim].Kill();
                await running[victim].WaitForExitAsync(TestContext.Current.CancellationToken);
                running[victim].Dispose();
                running[victim] = bench.StartWorker(postgres, quiet: true);
            }

            await bench.WaitAsync(videos, TimeSpan.FromMinutes(8));
        }
        finally
        {
            running.ForEach(JobsBench.Kill);
        }

        var jobs = JobsBench.Jobs(await bench.ListAsync()).ToList();
        var taken = jobs.Sum(JobsBench.Taken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills ({busy} while jobs ran), {restarts} restarts of PostgreSQL: {jobs.Count} jobs, taken {taken} times");
        Assert.True(taken > videos, "no job was ever taken from a dead worker");
        Assert.InRange(busy, kills / 2, kills); // else the jobs are too short for this machine
        bench.AssertResults(jobs, alone, frames);
    }

    [Fact(Explicit = true)]
    public async Task Workers_without_the_data_folder_finish_every_run_while_one_is_killed_and_the_server_is_too()
    {
        const int videos = 4;
        const int frames = 300;
        const string token = "secret-of-the-workers";
        using var postgres = PostgresServer.Start();
        bench.Write(videos, frames);
        var alone = await bench.FollowAsync(videos);
        await bench.SubmitAsync("--jobs", postgres.Connection);
        var port = PostgresServer.FreePort();
        Process Serve() => JobsBench.Quiet(Hqtrack.Start(
            new Dictionary<string, string> { ["HQTRACK_JOBS"] = postgres.Connection, ["HQTRACK_TOKEN"] = token },
            "serve", "--data", bench.Data, "--port", $"{port}", "--no-example", "--no-tracking", "--weights", weights.Path, "--threads", "1", "--lost-after", "5"));
        Process Work() => JobsBench.Quiet(Hqtrack.Start(
            new Dictionary<string, string> { ["HQTRACK_TOKEN"] = token }, "worker", "--remote", $"http://127.0.0.1:{port}", "--weights", weights.Path, "--threads", "1"));
        async Task UntilAsync(Func<List<JsonElement>, bool> holds)
        {
            while (!holds([.. JobsBench.Jobs(await bench.ListAsync())]))
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }

        List<Process> running = [Serve()];
        try
        {
            await JobsBench.WaitForPortAsync(port);
            running.AddRange([Work(), Work()]);
            await UntilAsync(now => now.Count(job => JobsBench.State(job) == "running" && JobsBench.Done(job) > 5) == 2);
            running[1].Kill();
            running.Add(Work());
            await UntilAsync(now => now.Any(job => JobsBench.Taken(job) > 1) && now.Any(job => JobsBench.State(job) == "running"));
            running[0].Kill();
            await Task.Delay(2000, TestContext.Current.CancellationToken);
            running.Add(Serve());
            await bench.WaitAsync(videos, TimeSpan.FromMinutes(6));
        }
        finally
        {
            running.ForEach(JobsBench.Kill);
        }

        var jobs = JobsBench.Jobs(await bench.ListAsync()).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"taken {string.Join(", ", jobs.Select(JobsBench.Taken))} times");
        Assert.InRange(jobs.Sum(JobsBench.Taken), videos + 2, int.MaxValue); // the killed worker's run, and one that the killed server had given away
        bench.AssertResults(jobs, alone, frames);
    }
}
