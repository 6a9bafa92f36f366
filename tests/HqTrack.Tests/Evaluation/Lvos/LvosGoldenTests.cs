using System.Text.Json;
using HqTrack.Evaluation.Lvos;
using HqTrack.Evaluation.Scoring;
using HqTrack.Tests.Infrastructure;

namespace HqTrack.Tests.Evaluation.Lvos;

/// <summary>A whole run of the official program on a small dataset.</summary>
[Trait("Category", "Golden")]
[ReadsGoldens("eval/lvos_mini/**")]
public sealed class LvosGoldenTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void Every_number_matches()
    {
        var root = Goldens.Find("eval/lvos_mini");
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, "expected", "expected.json")));
        var scores = Score(root);
        var frames = golden.RootElement.GetProperty("per_frame");
        Assert.Equal(frames.EnumerateObject().Sum(video => video.Value.EnumerateObject().Count()), scores.Objects.Count);
        foreach (var (score, unseen) in scores.Objects)
        {
            var name = score.Name[..score.Name.LastIndexOf('_')];
            var expected = frames.GetProperty(name).GetProperty($"{score.Id}");
            Close(expected.GetProperty("J"), score.FrameJ);
            Close(expected.GetProperty("F"), score.FrameF);
            Close(expected.GetProperty("V").GetDouble(), LvosScores.Variability(score));
            var group = golden.RootElement.GetProperty(unseen ? "unseen" : "seen");
            Close(group.GetProperty("J").GetProperty("M_per_object").GetProperty(score.Name).GetDouble(), score.J.Mean);
            Close(group.GetProperty("F").GetProperty("M_per_object").GetProperty(score.Name).GetDouble(), score.F.Mean);
            Close(group.GetProperty("V").GetProperty("M_per_object").GetProperty(score.Name).GetDouble(), LvosScores.Variability(score));
        }

        var all = golden.RootElement.GetProperty("all");
        Close(all.GetProperty("J").GetProperty("R"), [.. scores.Objects.Select(entry => entry.Score.J.Recall)]);
        Close(all.GetProperty("F").GetProperty("R"), [.. scores.Objects.Select(entry => entry.Score.F.Recall)]);
    }

    [Fact]
    public void The_files_are_the_official_ones_byte_for_byte()
    {
        var root = Goldens.Find("eval/lvos_mini");
        var scores = Score(root);
        Assert.Equal(File.ReadAllText(Path.Combine(root, "expected", "global_results-valid.csv")), scores.GlobalCsv());
        Assert.Equal(File.ReadAllText(Path.Combine(root, "expected", "per-sequence_results-valid.csv")), scores.PerSequenceCsv());
    }

    [Fact]
    public void A_kind_without_objects_has_no_value()
    {
        var split = SeenUnseen.Of([(0.5, false), (0.7, false)]);
        Assert.Equal(0.6, split.Seen, 12);
        Assert.True(double.IsNaN(split.Unseen) && double.IsNaN(split.Mean));
    }

    private static LvosScores Score(string root) =>
        LvosEvaluation.Score(LvosDataset.Open(root), Path.Combine(root, "Results", "demo"), cancellationToken: TestContext.Current.CancellationToken);

    private static void Close(JsonElement expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.GetArrayLength(), actual.Count);
        foreach (var (element, value) in expected.EnumerateArray().Zip(actual))
        {
            Close(element.GetDouble(), value);
        }
    }

    private static void Close(double expected, double actual) => Assert.InRange(actual, expected - Tolerance, expected + Tolerance);
}
