using System.Text.Json;
using HqTrack.Evaluation.Vot;
using HqTrack.Tests.Infrastructure;

namespace HqTrack.Tests.Evaluation.Vot;

/// <summary>A workspace with the results of eight trackers: every measure against the VOT toolkit.</summary>
[Trait("Category", "Golden")]
[ReadsGoldens("eval/vots/workspace/**")]
[ReadsGoldens("eval/vots/expected_metrics.json")]
[ReadsGoldens("eval/vots/vot_analysis_cli_output.json")]
public sealed class VotsGoldenTests
{
    private const double Tolerance = 1e-12;

    [Theory]
    [InlineData("perfect")]
    [InlineData("drift")]
    [InlineData("misses")]
    [InlineData("hallucinate")]
    [InlineData("lost")]
    [InlineData("fullframe")]
    [InlineData("nothing")]
    [InlineData("mixed")]
    public void Every_measure_matches(string tracker)
    {
        var workspace = VotWorkspace.Open(Goldens.Find("eval/vots/workspace"));
        Assert.Contains(tracker, workspace.Trackers());
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find("eval/vots/expected_metrics.json")));
        var expected = golden.RootElement.GetProperty("trackers").GetProperty(tracker);
        var scores = VotScores.Score(workspace, tracker, cancellationToken: TestContext.Current.CancellationToken);

        Check(expected, scores.Quality, scores.Accuracy, scores.Robustness, scores.Nre, scores.Dre, scores.Adq, scores.QualityPlot);
        Check(expected.GetProperty("quality_plot_x"), VotScores.Thresholds);
        var sequences = expected.GetProperty("sequences").EnumerateObject().ToArray();
        Assert.Equal(sequences.Select(entry => entry.Name).Order(), scores.Sequences.Select(score => score.Name).Order());
        foreach (var entry in sequences)
        {
            var score = scores.Sequences.Single(candidate => candidate.Name == entry.Name);
            Check(entry.Value, score.Quality, score.Accuracy, score.Robustness, score.Nre, score.Dre, score.Adq, score.QualityPlot);
            Close(entry.Value.GetProperty("quality_default_burnin10_ignore_unknown"), score.Objects.Average(candidate => candidate.MeanOverlap(new() { BurnIn = 10, SkipUnknown = true }) ?? 0));
            var objects = entry.Value.GetProperty("objects").EnumerateObject().ToArray();
            Assert.Equal(objects.Select(candidate => candidate.Name).Order(), score.Objects.Select(candidate => candidate.Id).Order());
            foreach (var one in objects)
            {
                Check(one.Value, score.Objects.Single(candidate => candidate.Id == one.Name));
            }
        }
    }

    [Theory]
    [InlineData("perfect")]
    [InlineData("drift")]
    [InlineData("lost")]
    [InlineData("mixed")]
    [InlineData("nothing")]
    public void A_tag_keeps_its_frames(string tracker)
    {
        var workspace = VotWorkspace.Open(Goldens.Find("eval/vots/workspace"));
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find("eval/vots/expected_metrics.json")));
        var expected = golden.RootElement.GetProperty("trackers").GetProperty(tracker).GetProperty("gamma_filter_tag_occlusion");
        var sequence = workspace.Sequences.Single(candidate => candidate.Name == "gamma");
        var score = VotSequenceScore.Of(sequence, id => workspace.Result(tracker, "baseline", sequence, id), "occlusion");
        Close(expected.GetProperty("quality"), score.Quality);
        Close(expected.GetProperty("accuracy"), score.Accuracy);
        Close(expected.GetProperty("robustness_as_computed"), score.Robustness);
        Close(expected.GetProperty("aux")[0], score.Nre);
        Close(expected.GetProperty("aux")[1], score.Dre);
        Close(expected.GetProperty("aux")[2], score.Adq);
    }

    [Fact]
    public void The_toolkit_s_own_report_shows_the_same_numbers()
    {
        var workspace = VotWorkspace.Open(Goldens.Find("eval/vots/workspace"));
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find("eval/vots/vot_analysis_cli_output.json")));
        var trackers = golden.RootElement.GetProperty("trackers").EnumerateObject().Select(entry => entry.Name).ToArray();
        var results = golden.RootElement.GetProperty("results").GetProperty("baseline").GetProperty("results");
        for (var i = 0; i < trackers.Length; i++)
        {
            var scores = VotScores.Score(workspace, trackers[i], cancellationToken: TestContext.Current.CancellationToken);
            Close(results[0][i][0], scores.Quality);
            Check(results[1][i][0].EnumerateArray().Select(point => point[1]), scores.QualityPlot);
            Close(results[2][i][0], scores.Accuracy);
            Close(results[2][i][1], scores.Robustness);
            Close(results[3][i][0], scores.Nre);
            Close(results[3][i][1], scores.Dre);
            Close(results[3][i][2], scores.Adq);
        }
    }

    private static void Check(JsonElement expected, VotObjectScore score)
    {
        Check(expected.GetProperty("overlaps"), score.Overlaps);
        Assert.Equal(
            new FrameCounts(Count("tracked"), Count("failed"), Count("missed"), Count("hallucinated"), Count("noticed")),
            score.Counts);
        Assert.Equal(Frames("quality_frames"), OverlapFrames.Quality.Select(score.Predicted, score.Truth, score.Overlaps));
        Assert.Equal(Frames("accuracy_frames"), OverlapFrames.Accuracy.Select(score.Predicted, score.Truth, score.Overlaps));
        if (expected.TryGetProperty("quality", out var quality) && quality.ValueKind != JsonValueKind.Null)
        {
            Close(quality, score.Quality);
        }

        int Count(string name) => (int)expected.GetProperty(name).GetDouble();
        IEnumerable<int> Frames(string name) => expected.GetProperty(name).EnumerateArray().Select(frame => frame.GetInt32());
    }

    private static void Check(JsonElement expected, double quality, double accuracy, double? robustness, double? nre, double? dre, double? adq, IReadOnlyList<double> plot)
    {
        Close(expected.GetProperty("quality"), quality);
        Close(expected.GetProperty("accuracy"), accuracy);
        Close(expected.GetProperty("robustness"), robustness);
        Close(expected.GetProperty("nre"), nre);
        Close(expected.GetProperty("dre"), dre);
        Close(expected.GetProperty("adq"), adq);
        Check(expected.GetProperty("quality_plot"), plot);
    }

    private static void Check(JsonElement expected, IReadOnlyList<double> actual) => Check(expected.EnumerateArray(), actual);

    private static void Check(IEnumerable<JsonElement> expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Count(), actual.Count);
        foreach (var (element, value) in expected.Zip(actual))
        {
            Close(element, value);
        }
    }

    private static void Close(JsonElement expected, double? actual)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            Assert.Null(actual);
        }
        else
        {
            Assert.NotNull(actual);
            Assert.InRange(actual.Value, expected.GetDouble() - Tolerance, expected.GetDouble() + Tolerance);
        }
    }
}
