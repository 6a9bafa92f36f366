using System.Text.Json;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Evaluation.Ablations;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

/// <summary>The component study from training to table: networks trained for two steps stand in for trained ones.</summary>
[Collection("torch")]
public sealed class AblateComponentsTests : IDisposable
{
    private const int Frames = 5;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Four_trained_networks_make_a_table_beside_the_paper_s()
    {
        WriteClip();
        foreach (var model in AblationStudy.ComponentModels)
        {
            var training = await Hqtrack.RunAsync(
                "train", "vmos", "--model", model, "--data", folder["data"], "-o", folder["weights"], "--steps", "2", "--phase", "1:49:2:1", "--mix", "1:0:0",
                "--encoder-ratio", "1", "--frozen-stages", "0", "--threads", "1", "--loader-threads", "0", "--quiet");
            Assert.Equal((ExitCode.Ok, string.Empty), (training.ExitCode, training.Error));
            File.Delete(folder["weights/checkpoint.safetensors"]); // the next run is another one
        }

        var run = await StudyAsync("--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        var rows = run.Json.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(AblationStudy.ComponentModels, rows.Select(row => row.GetProperty("value").GetString()));
        Assert.All(rows, row => Assert.InRange(row.GetProperty("j_and_f").GetDouble(), 0, 1));
        Assert.Equal([0.611, null, null, 0.65], rows.Select(row => row.GetProperty("paper") is { ValueKind: JsonValueKind.Number } paper ? paper.GetDouble() : (double?)null));
        Assert.True(rows.Select(row => row.GetProperty("auc").GetDouble()).Distinct().Count() > 1, "four different networks, one result: they were not told apart");
        Assert.Equal(Path.GetFileName(folder["data"]), run.Json.GetProperty("subject").GetString());
        var table = File.ReadAllLines(folder["out/table.md"]);
        Assert.Equal(2 + rows.Length, table.Length);
        Assert.EndsWith("| paper |", table[0], StringComparison.Ordinal);
        Assert.EndsWith("| 0.611 |", table[2], StringComparison.Ordinal);
        Assert.Contains("0.650 with InternImage-T", File.ReadAllText(folder["out/report.html"]), StringComparison.Ordinal);

        File.Delete(folder["weights/ablation-residual-ms.safetensors"]);
        Directory.Delete(folder["out"], recursive: true);
        var text = await StudyAsync();
        Assert.Equal(ExitCode.Ok, text.ExitCode);
        Assert.Contains("PAPER", text.Out, StringComparison.Ordinal);
        Assert.Contains("not run: ablation-residual-ms: weights file", text.Out, StringComparison.Ordinal);

        var track = await Hqtrack.RunAsync(
            "track", folder["data/JPEGImages/480p/squares"], "--mask", folder["data/Annotations/480p/squares/00000.png"], "--model", "ablation-internimage-ms",
            "--weights", folder["weights/ablation-internimage-ms.safetensors"], "-o", folder["tracked"], "--threads", "1", "--quiet", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (track.ExitCode, track.Error));
    }

    [Fact]
    public async Task Weights_of_none_are_one_line()
    {
        WriteClip();
        (await StudyAsync()).AssertFails(ExitCode.Weights, "ablation-residual", folder["weights"], "expected weights of model");
    }

    private Task<RunResult> StudyAsync(params string[] more) => Hqtrack.RunAsync(
        ["ablate", "components", "--root", folder["data"], "--weights-dir", folder["weights"], "-o", folder["out"], "--threads", "1", "--quiet", .. more]);

    // One clip, for training and for the study.
    private void WriteClip()
    {
        for (var i = 0; i < Frames; i++)
        {
            ImageFile.WriteJpeg(folder[$"data/JPEGImages/480p/squares/{i:D5}.jpg"], SmallClip.Draw(i, out var labels));
            MaskFile.Write(folder[$"data/Annotations/480p/squares/{i:D5}.png"], labels);
        }
    }
}
