using System.Text.Json;
using System.Text.RegularExpressions;
using HqTrack.Evaluation;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Davis;
using HqTrack.Evaluation.Measures;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Media;

namespace HqTrack.Tests.Evaluation.Davis;

/// <summary>Whole runs of the official program on a small dataset: numbers, CSV bytes and refusals.</summary>
[Trait("Category", "Golden")]
[ReadsGoldens("eval/davis_mini/**")]
public sealed partial class DavisMiniGoldenTests
{
    private const double Tolerance = 1e-12;

    [Theory]
    [InlineData("demo", "val")]
    [InlineData("demo", "train")]
    [InlineData("perfect", "train")]
    public void Every_number_matches(string results, string set)
    {
        var root = Goldens.Find("eval/davis_mini");
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, "expected", "expected.json")));
        var run = golden.RootElement.GetProperty("runs").GetProperty($"{results}/{set}");
        var scores = Score(root, set, results, parity: true);

        var global = run.GetProperty("global_");
        Close(global.GetProperty("J&F-Mean"), scores.JAndF);
        Check(name => global.GetProperty("J-" + name), scores.J);
        Check(name => global.GetProperty("F-" + name), scores.F);
        var objects = run.GetProperty("per_object").EnumerateObject().ToArray();
        Assert.Equal(objects.Select(entry => entry.Name), scores.Objects.Select(score => score.Name));
        foreach (var (expected, score) in objects.Zip(scores.Objects))
        {
            Check(name => expected.Value.GetProperty("J").GetProperty(name), score.J);
            Check(name => expected.Value.GetProperty("F").GetProperty(name), score.F);
        }

        var sequences = run.GetProperty("per_frame").EnumerateObject().ToArray();
        Assert.Equal(sequences.Select(entry => entry.Name), scores.Sequences.Select(score => score.Name));
        foreach (var (expected, score) in sequences.Zip(scores.Sequences))
        {
            Assert.Equal(expected.Value.GetProperty("frames").EnumerateArray().Select(frame => frame.GetString()), score.Frames);
            Assert.Equal(expected.Value.GetProperty("objects").GetInt32(), score.Objects.Count);
            foreach (var entry in score.Objects)
            {
                Check(expected.Value.GetProperty("J")[entry.Id - 1], entry.FrameJ);
                Check(expected.Value.GetProperty("F")[entry.Id - 1], entry.FrameF);
            }
        }
    }

    [Theory]
    [InlineData("demo", "val")]
    [InlineData("demo", "train")]
    [InlineData("perfect", "train")]
    [InlineData("no_first_last", "train")]
    public void The_files_are_the_official_ones_byte_for_byte(string results, string set)
    {
        var root = Goldens.Find("eval/davis_mini");
        var scores = Score(root, set, results);
        using var folder = new TempFolder();
        DavisCsv.Write(folder.Root, set, scores);
        foreach (var file in new[] { $"global_results-{set}.csv", $"per-sequence_results-{set}.csv" })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(root, "expected", results, file)), File.ReadAllBytes(folder[file]));
        }
    }

    [Theory]
    [InlineData("demo", "val")]
    [InlineData("demo", "train")]
    [InlineData("perfect", "train")]
    [InlineData("no_first_last", "train")]
    public void The_console_table_shows_the_same_numbers(string results, string set)
    {
        var root = Goldens.Find("eval/davis_mini");
        var scores = Score(root, set, results);
        var rows = File.ReadAllLines(Path.Combine(root, "expected", results, $"stdout-{set}.txt")).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        var global = rows[Array.FindIndex(rows, row => row is ["J&F-Mean", ..]) + 1].Select(double.Parse).ToArray();
        double[] ours = [scores.JAndF, scores.J.Mean, scores.J.Recall, scores.J.Decay, scores.F.Mean, scores.F.Recall, scores.F.Decay];
        Assert.All(global.Zip(ours), pair => Assert.Equal(pair.First, pair.Second, 6));
        foreach (var score in scores.Objects)
        {
            var row = Assert.Single(rows, row => row.Length == 3 && row[0] == score.Name);
            Assert.Equal(double.Parse(row[1]), score.J.Mean, 6);
            Assert.Equal(double.Parse(row[2]), score.F.Mean, 6);
        }
    }

    [Fact]
    public void The_server_s_scores_are_the_same()
    {
        var root = Goldens.Find("eval/davis_mini");
        var scores = Score(root, "test-dev", "demo");
        Assert.Equal(File.ReadAllText(Path.Combine(root, "expected", "codalab", "scores.txt")), DavisCsv.ServerScores(scores));
        var printed = File.ReadAllText(Path.Combine(root, "expected", "codalab", "stdout.txt"));
        Assert.Contains(DavisCsv.Global(scores), printed);
        Assert.Contains(DavisCsv.PerSequence(scores), printed);
    }

    [Theory]
    [InlineData("missing_frame")]
    [InlineData("too_many_ids")]
    public void A_bad_result_stops_the_run_with_its_message(string results)
    {
        var root = Goldens.Find("eval/davis_mini");
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, "expected", "expected.json")));
        var printed = golden.RootElement.GetProperty("bad_runs").GetProperty(results).GetProperty("stdout").GetString()!;
        var refusal = Assert.Throws<EvaluationException>(() => Score(root, "train", results));
        var official = Official().Match(printed).Value;
        Assert.NotEmpty(official);
        Assert.Contains(official, refusal.Message);
        Assert.Contains("tiny", refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Later_ids_and_void_of_the_annotation_are_background()
    {
        var dataset = DavisDataset.Open(Goldens.Find("eval/davis_mini"), "val");
        Assert.All(dataset.Sequences, sequence => Assert.All(sequence.AnnotationPaths, path => Assert.DoesNotContain((byte)255, sequence.ReadAnnotation(path).Ids)));
        Assert.Contains(dataset.Sequences, sequence => sequence.AnnotationPaths.Max(path => sequence.ReadAnnotation(path).Ids.Max()) > DavisResults.Scorer(sequence, sequence.AnnotationPaths).ObjectCount);
    }

    [GeneratedRegex("\\w+ frame \\d+ not found|there is an index higher than the number of objects in the sequence")]
    private static partial Regex Official();

    private static DavisScores Score(string root, string set, string results, bool parity = false) =>
        DavisResults.Score(DavisDataset.Open(root, set), Path.Combine(root, "Results", results), parity, cancellationToken: TestContext.Current.CancellationToken);

    private static void Check(Func<string, JsonElement> expected, MeasureStatistics actual)
    {
        Close(expected("Mean"), actual.Mean);
        Close(expected("Recall"), actual.Recall);
        Close(expected("Decay"), actual.Decay);
    }

    private static void Check(JsonElement expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.GetArrayLength(), actual.Count);
        foreach (var (element, value) in expected.EnumerateArray().Zip(actual))
        {
            Close(element, value);
        }
    }

    private static void Close(JsonElement expected, double actual)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            Assert.True(double.IsNaN(actual), $"expected NaN, found {actual}");
        }
        else
        {
            Assert.InRange(actual, expected.GetDouble() - Tolerance, expected.GetDouble() + Tolerance);
        }
    }
}
