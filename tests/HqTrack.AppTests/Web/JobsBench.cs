using System.Diagnostics;
using System.Text.Json;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Web;

/// <summary>Videos, a data folder, and the commands that make jobs of them and work on them.</summary>
internal sealed class JobsBench(LiteWeights weights) : IDisposable
{
    /// <summary>Frames of a video where nothing else is asked for.</summary>
    public const int Frames = 12;

    private readonly TempFolder folder = new();

    public string Data => folder["data"];

    public string Videos => folder["videos"];

    public string Masks => folder["masks"];

    public void Dispose() => folder.Dispose();

    public void AssertResults(List<JsonElement> jobs, Dictionary<string, List<string>> alone, int frames)
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

    public static async Task WaitForPortAsync(int port)
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

    public static Process Quiet(Process process)
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

    public static void Kill(Process process)
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    public static int Taken(JsonElement job) => job.GetProperty("taken").GetInt32();

    public static int Done(JsonElement job) => job.GetProperty("done").GetInt32();

    public static string State(JsonElement job) => job.GetProperty("state").GetString()!;

    public static string Line(JsonElement job) => $"{job.GetProperty("name").GetString()} {State(job)} {Done(job)}/{job.GetProperty("total").GetInt32()}";

    public static IEnumerable<JsonElement> Jobs(RunResult result)
    {
        result.AssertSucceeds();
        return result.Json.GetProperty("jobs").EnumerateArray();
    }

    public Task<RunResult> ListAsync() => Hqtrack.RunAsync("jobs", "list", "--data", Data, "--json");

    public async Task<JsonElement> SubmitAsync(params string[] options)
    {
        var result = await Hqtrack.RunAsync(["submit", folder["videos"], "--masks", folder["masks"], "--data", Data, "--json", .. options]);
        result.AssertSucceeds();
        return result.Json;
    }

    public Process StartWorker(PostgresServer postgres, bool quiet = false)
    {
        var process = Hqtrack.Start(new Dictionary<string, string> { ["HQTRACK_JOBS"] = postgres.Connection }, "worker", "--data", Data, "--weights", weights.Path, "--threads", "1", "--lost-after", "5");
        return quiet ? Quiet(process) : process;
    }

    public async Task WaitAsync(int jobs, TimeSpan most)
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
    public void Write(int videos, int frames = Frames)
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
    public async Task<Dictionary<string, List<string>>> FollowAsync(int videos)
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
