using System.Text;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Evaluation.Vot;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

/// <summary>eval and ablate over every layout, on one small clip.</summary>
[Collection("torch")]
public sealed class EvalLayoutsTests(LiteWeights weights) : IClassFixture<LiteWeights>, IDisposable
{
    private const int Frames = 5;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("davis", "j_and_f")]
    [InlineData("ytvos", "overall")]
    [InlineData("lvos", "j_and_f")]
    public async Task Tracked_and_scored_again_is_the_same(string layout, string score)
    {
        Write(layout);
        var tracked = await RunAsync("eval", layout, "--root", folder.Root, "-o", folder["out"]);
        var again = await Hqtrack.RunAsync("eval", layout, "--root", folder.Root, "--results", folder["out"], "-o", folder["again"], "--quiet", "--json");
        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (tracked.ExitCode, again.ExitCode));
        foreach (var name in (string[])[score, "quality_auc"])
        {
            Assert.Equal(tracked.Json.GetProperty(name).ToString(), again.Json.GetProperty(name).ToString());
        }

        Assert.Equal(2, tracked.Json.GetProperty("objects").GetInt32());
        Assert.All(["results.json", "report.html"], file => Assert.True(File.Exists(folder[$"again/{file}"])));
        var page = File.ReadAllText(folder["out/report.html"]);
        Assert.All(["Overlap over time", "Quality plot", "Worst frames", "data:image/jpeg;base64,", "Time and memory"], part => Assert.Contains(part, page, StringComparison.Ordinal));
        Assert.DoesNotContain("http", page.Replace("http://www.w3.org", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(Directory.GetFiles(folder["out"], "*.csv").Select(path => Path.GetFileName(path)), name => name.StartsWith("per-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Resuming_tracks_nothing_twice()
    {
        Write("davis");
        var first = await RunAsync("eval", "davis", "--root", folder.Root, "-o", folder["out"]);
        File.Delete(folder["out/report.html"]);
        var second = await RunAsync("eval", "davis", "--root", folder.Root, "-o", folder["out"], "--resume");
        Assert.Equal(first.Json.GetProperty("j_and_f").GetDouble(), second.Json.GetProperty("j_and_f").GetDouble());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, second.Json.GetProperty("fps").ValueKind);
        Assert.True(File.Exists(folder["out/report.html"]));
    }

    [Fact]
    public async Task Vots_results_stay_in_the_workspace()
    {
        Write("vots");
        var tracked = await RunAsync("eval", "vots", "--root", folder.Root, "-o", folder["out"], "--tracker", "ours");
        Assert.Equal(ExitCode.Ok, tracked.ExitCode);
        var again = await Hqtrack.RunAsync("eval", "vots", "--root", folder.Root, "--tracker", "ours", "--results", folder["results/ours"], "--quiet", "--json");
        Assert.Equal(tracked.Json.GetProperty("quality").GetDouble(), again.Json.GetProperty("quality").GetDouble());
        Assert.InRange(tracked.Json.GetProperty("quality").GetDouble(), 0, 1);
        Assert.Contains("data:image/jpeg", File.ReadAllText(folder["out/report.html"]), StringComparison.Ordinal);
        (await Hqtrack.RunAsync("eval", "vots", "--root", folder.Root, "--results", folder["elsewhere"], "--quiet")).AssertFails(ExitCode.Failure, "elsewhere", "--tracker");
    }

    [Theory]
    [InlineData("davis")]
    [InlineData("vots")]
    public async Task Gap_study_has_a_row_a_gap_and_resumes(string layout)
    {
        Write(layout);
        string[] args = ["ablate", "gap", "--root", folder.Root, "--layout", layout, "--gaps", "1,none", "-o", folder["out"]];
        var run = await RunAsync(args);
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        var rows = run.Json.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(["1", "none"], rows.Select(row => row.GetProperty("value").GetString()));
        Assert.All(rows, row => Assert.All(["auc", "std", "fps"], name => Assert.True(row.GetProperty(name).GetDouble() >= 0, name)));
        Assert.All(rows, row => Assert.Equal(layout == "vots", row.GetProperty("j_and_f").ValueKind == System.Text.Json.JsonValueKind.Null));
        Assert.Contains("50 frames", File.ReadAllText(folder["out/report.html"]), StringComparison.Ordinal);
        var again = await RunAsync([.. args, "--resume"]);
        Assert.Equal(run.Json.GetProperty("rows").ToString(), again.Json.GetProperty("rows").ToString());
    }

    [Fact]
    public async Task Paradigms_are_compared()
    {
        Write("davis");
        var run = await RunAsync("ablate", "paradigm", "--root", folder.Root);
        Assert.Equal(["joint", "separate"], run.Json.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("value").GetString()));
    }

    [Theory]
    [InlineData("davis")]
    [InlineData("vots")]
    public async Task Gates_are_compared_in_one_pass_and_kept(string layout)
    {
        Write(layout);
        string[] args = ["ablate", "refiner", "--root", folder.Root, "--layout", layout, "--thresholds", "0.5", "--degrade", "dilate:10", "-o", folder["out"]];
        var run = await RunAsync(args);
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        var rows = run.Json.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(["off", "always", "iou-best:0.5", "hqtrack:0.5"], rows.Select(row => row.GetProperty("value").GetString()));
        Assert.True(run.Json.GetProperty("one_pass").GetBoolean());
        Assert.Single(rows.Select(row => row.GetProperty("fps").GetDouble()).Distinct());
        Assert.Contains("one pass", File.ReadAllText(folder["out/report.html"]), StringComparison.Ordinal);
        Assert.EndsWith(", proposals made worse by dilate:10 (seed 1)", run.Json.GetProperty("subject").GetString(), StringComparison.Ordinal);
        Assert.Equal(2 + rows.Length, File.ReadAllLines(folder["out/table.md"]).Length);
        File.Delete(folder["out/always/row.json"]);
        var again = await RunAsync([.. args, "--resume"]);
        Assert.Equal(
            rows.Select(row => row.GetProperty("auc").GetDouble()), again.Json.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("auc").GetDouble()));
    }

    [Fact]
    public async Task Degradation_is_the_same_for_the_same_seed()
    {
        Write("davis");
        var worse = await RunAsync("ablate", "gap", "--root", folder.Root, "--gaps", "5", "--degrade", "shift:60", "--seed", "3");
        var same = await RunAsync("ablate", "gap", "--root", folder.Root, "--gaps", "5", "--degrade", "shift:60", "--seed", "3");
        static double J(RunResult run) => run.Json.GetProperty("rows")[0].GetProperty("j").GetDouble();
        Assert.Equal(J(worse), J(same));
        (await RunAsync("ablate", "gap", "--root", folder.Root, "--degrade", "melt:5")).AssertFails(ExitCode.Usage, "melt:5");
    }

    [Fact]
    public async Task Studies_say_which_weights_are_missing()
    {
        Write("davis");
        var refiner = await RunAsync("ablate", "refiner", "--root", folder.Root, "--thresholds", "0.5", "--refiner", "sam-vit-b", "--refiner-weights", folder["none.pth"]);
        Assert.Equal(["off"], refiner.Json.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("value").GetString()));
        Assert.StartsWith("always, iou-best:0.5, hqtrack:0.5: ", Assert.Single(refiner.Json.GetProperty("missing").EnumerateArray()).GetString(), StringComparison.Ordinal);
        (await RunAsync("ablate", "components", "--root", folder.Root, "--models", "nobody,none")).AssertFails(ExitCode.Weights, "nobody, none: no model of that name");
    }

    private Task<RunResult> RunAsync(params string[] args) => Hqtrack.RunAsync([.. args, "--weights", weights.Path, "--threads", "1", "--quiet", "--json"]);

    private void Write(string layout)
    {
        var runs = new List<string>[] { [], [] };
        for (var i = 0; i < Frames; i++)
        {
            var frame = SmallClip.Draw(i, out var labels);
            var (image, mask) = layout switch
            {
                "davis" => ($"JPEGImages/480p/clip/{i:D5}", $"Annotations/480p/clip/{i:D5}"),
                "ytvos" => ($"valid/JPEGImages/clip/{i:D5}", $"valid/Annotations/clip/{i:D5}"),
                "lvos" => ($"JPEGImages/clip/{(5 * i) + 1:D8}", $"Annotations/clip/{(5 * i) + 1:D8}"),
                _ => ($"sequences/clip/color/{i + 1:D8}", $"unused/{i}"),
            };
            ImageFile.WriteJpeg(folder[image + ".jpg"], frame);
            MaskFile.Write(folder[mask + ".png"], labels);
            for (var id = 1; id <= 2; id++)
            {
                runs[id - 1].Add(RegionText.Format(LabelRegions.Of(labels, new(id, 1, Box.Of(labels)[id], 1, false))));
            }
        }

        var every = $"[{string.Join(", ", Enumerable.Range(0, Frames).Select(i => $"\"{i:D5}\""))}]";
        switch (layout)
        {
            case "ytvos":
                Text("valid/meta.json", """{"videos": {"clip": {"objects": {"1": {"category": "a", "frames": EVERY}, "2": {"category": "b", "frames": EVERY}}}}}""".Replace("EVERY", every, StringComparison.Ordinal));
                break;
            case "lvos":
                Text("valid_meta.json", """{"videos": {"clip": {"objects": {"1": {"frame_range": {"start": "1", "end": "22"}}, "2": {"frame_range": {"start": "1", "end": "22"}}}}}}""");
                Text("unseen_videos.txt", "\n");
                break;
            case "vots":
                Text("sequences/list.txt", "clip\n");
                Text("sequences/clip/sequence", $"channels.color=color/%08d.jpg\nwidth={SmallClip.Width}\nheight={SmallClip.Height}\n");
                Text("sequences/clip/groundtruth_1.txt", string.Join('\n', runs[0]) + "\n");
                Text("sequences/clip/groundtruth_2.txt", string.Join('\n', runs[1]) + "\n");
                break;
            default:
                break;
        }
    }

    private void Text(string path, string text) => folder.Put(path, Encoding.UTF8.GetBytes(text));
}
