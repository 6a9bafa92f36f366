using HqTrack.Evaluation.Ablations;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Davis;
using HqTrack.Evaluation.Experiments;
using HqTrack.Evaluation.Lvos;
using HqTrack.Evaluation.Tracking;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.Tests.Evaluation.Ablations;

/// <summary>The study of gates in one pass against a run of each setting by itself, with the embedded networks.</summary>
[Collection("torch")]
public sealed class OnePassTests : IDisposable
{
    private const int Width = 150;
    private const int Height = 100;
    private const int Frames = 4;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Masks_and_scores_are_those_of_each_setting_by_itself()
    {
        const string Layout = "lvos"; // one object comes later
        Write(Layout, "first");
        var study = AblationStudy.Refiner("sam-lite", null, [0.6, 0.75, 0.85, 0.95], null);
        var together = await TogetherAsync(study, Layout, "together", "shift:12");
        var differing = new HashSet<string>();
        for (var i = 0; i < study.Cases.Count; i++)
        {
            var (entry, options) = (study.Cases[i], Options("shift:12"));
            entry.Configure(options);
            using var tracker = HqTracker.Load("lite", options);
            var alone = await Experiment(Layout, $"alone{i}").TrackAsync(new SessionTracker(tracker.StartSession), null, TestContext.Current.CancellationToken);
            Assert.Equal(AblationRow.Of(entry, alone) with { Fps = null }, AblationRow.Of(entry, together[i]) with { Fps = null });
            var masks = Directory.GetFiles(folder[$"alone{i}/first"]).Order(StringComparer.Ordinal).ToArray();
            Assert.Equal(Frames, masks.Length);
            Assert.All(masks, path => Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(folder[$"together{i}/first/{Path.GetFileName(path)}"])));
            differing.Add(string.Concat(masks.Select(path => Convert.ToHexString(File.ReadAllBytes(path)))));
        }

        Assert.True(differing.Count >= 4, $"{differing.Count} different results: the settings do the same, so nothing was compared");
    }

    [Fact]
    public async Task Settings_that_have_a_part_already_fall_in_with_the_others()
    {
        Write("davis", "first", "second");
        var study = AblationStudy.Refiner("sam-lite", null, [0.6], null);
        var whole = await TogetherAsync(study, "davis", "out");
        File.Delete(folder["out1/first/00002.png"]);
        Directory.Delete(folder["out2/second"], recursive: true);
        var again = await TogetherAsync(study, "davis", "out");
        Assert.Equal(whole.Select(result => result.Total("j_and_f")), again.Select(result => result.Total("j_and_f")));
        Assert.Equal([0, 4, 4, 0], again.Select(result => result.Timings.Sum(timing => timing.Frames)));
    }

    [Fact]
    public async Task One_that_fails_ends_the_others_with_its_reason()
    {
        Write("davis", "first", "second");
        File.WriteAllText(folder["out2"], "in the way of a folder");
        var failure = await Assert.ThrowsAsync<MediaException>(() => TogetherAsync(AblationStudy.Refiner("sam-lite", null, [0.6], null), "davis", "out"));
        Assert.Contains("out2", failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
    }

    private static HqTrackerOptions Options(string? degrade) => new()
    {
        MaxSize = 96,
        Threads = 1,
        Degrade = degrade is null ? null : MaskDegradation.Parse(degrade, 1).Apply,
    };

    private async Task<IReadOnlyList<ExperimentResult>> TogetherAsync(AblationStudy study, string layout, string output, string? degrade = null)
    {
        var options = Options(degrade);
        study.OnePass!(options);
        using var tracker = HqTracker.Load("lite", options);
        return await SharedPass.RunAsync(
            new SessionTracker(tracker.StartSession), [.. study.Cases.Select((_, i) => (Experiment(layout, $"{output}{i}"), i))], null, TestContext.Current.CancellationToken);
    }

    private IExperiment Experiment(string layout, string output) => layout == "davis"
        ? new DavisExperiment(DavisDataset.Open(folder["data"]), new DavisEvaluationOptions { OutputFolder = folder[output], Resume = true })
        : new LvosExperiment(LvosDataset.Open(folder["data"]), folder["data"], "valid", new EvaluationOptions { OutputFolder = folder[output], Resume = true });

    // Two disks that overlap, and a third one that is too small to be refined by the thresholds' gate.
    private void Write(string layout, params string[] clips)
    {
        foreach (var clip in clips)
        {
            var shift = clip == "first" ? 0 : 9;
            for (var i = 0; i < Frames; i++)
            {
                var (rgb, labels) = (new byte[Width * Height * 3], new LabelMap(Width, Height));
                for (var pixel = 0; pixel < labels.Ids.Length; pixel++)
                {
                    int x = pixel % Width, y = pixel / Width;
                    var id = Inside(x - 45 - (2 * i), y - 45 - shift, 26) ? 1 : Inside(x - 85, y - 45 - shift + i, 24) ? 2 : Inside(x - 130, y - 20 - i, 4) ? 3 : 0;
                    labels.Ids[pixel] = layout == "lvos" && i == 0 && id == 2 ? (byte)0 : (byte)id;
                    (rgb[pixel * 3], rgb[(pixel * 3) + 1], rgb[(pixel * 3) + 2]) = ((byte)(id == 1 ? 220 : 40 + (x * 7 % 50)), (byte)(id == 2 ? 210 : 60 + (y * 5 % 40)), (byte)(id == 3 ? 250 : 80));
                }

                var name = layout == "davis" ? $"480p/{clip}/{i:D5}" : $"{clip}/{(5 * i) + 1:D8}";
                ImageFile.WriteJpeg(folder[$"data/JPEGImages/{name}.jpg"], new Frame(rgb, Width, Height, i));
                MaskFile.Write(folder[$"data/Annotations/{name}.png"], labels);
            }
        }

        if (layout == "lvos")
        {
            static string Object(int id, int start) => $"\"{id}\": {{\"frame_range\": {{\"start\": \"{start}\", \"end\": \"{(5 * Frames) - 3}\"}}}}";
            var objects = $"{{\"objects\": {{{Object(1, 1)}, {Object(2, 6)}, {Object(3, 1)}}}}}";
            folder.Put("data/valid_meta.json", System.Text.Encoding.UTF8.GetBytes($"{{\"videos\": {{{string.Join(", ", clips.Select(clip => $"\"{clip}\": {objects}"))}}}}}"));
            folder.Put("data/unseen_videos.txt", "second\n"u8.ToArray());
        }
    }

    private static bool Inside(int x, int y, int radius) => (x * x) + (y * y) < radius * radius;
}
