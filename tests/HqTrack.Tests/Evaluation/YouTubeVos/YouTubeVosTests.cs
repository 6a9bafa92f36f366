using System.Text.RegularExpressions;
using HqTrack.Evaluation;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Lvos;
using HqTrack.Evaluation.Tracking;
using HqTrack.Evaluation.YouTubeVos;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Tests.Media;
using HqTrack.Vmos;
using TorchSharp;

namespace HqTrack.Tests.Evaluation.YouTubeVos;

/// <summary>Datasets whose objects appear in any frame: YouTube-VOS and LVOS, scored and tracked; and folders of clips.</summary>
[Collection("torch")]
public sealed class YouTubeVosTests : IDisposable
{
    private const int Width = 40;
    private const int Height = 32;

    private readonly TempFolder folder = new();

    [Fact]
    public void Seen_and_unseen_categories_are_told_apart_by_the_training_set()
    {
        PutVideo("valid", "vid", "00000", 5, 1, """
            {"videos": {"vid": {"objects": {
              "1": {"category": "fox", "frames": [FRAMES0]},
              "2": {"category": "ape", "frames": [FRAMES2]}}}}}
            """);
        Text("train/meta.json", """{"videos": {"a": {"objects": {"1": {"category": "fox", "frames": ["00000"]}}}}}""");
        var dataset = YouTubeVosDataset.Open(folder.Root);
        Assert.True(dataset.IsSplit);
        Assert.Equal([false, true], dataset.Sequences.Single().Objects.Select(entry => entry.IsUnseen));

        // Results with object 1 right and object 2 absent.
        for (var i = 0; i < 5; i++)
        {
            var labels = Labels(i);
            labels.Ids.AsSpan().Replace((byte)2, (byte)0);
            MaskFile.Write(folder[$"results/vid/{i:D5}.png"], labels);
        }

        var scores = YouTubeVosEvaluation.Score(dataset, folder["results"], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((1, 0, 1, 0), (scores.J.Seen, scores.J.Unseen, scores.F.Seen, scores.F.Unseen));
        Assert.Equal(0.5, scores.Overall);
        Assert.Equal(["00001", "00002", "00003", "00004"], scores.Objects[0].Score.Frames);
        Assert.Equal(["00003", "00004"], scores.Objects[1].Score.Frames);
    }

    [Fact]
    public async Task Objects_are_added_where_they_first_show()
    {
        PutVideo("valid", "vid", "00000", 5, 1, """
            {"videos": {"vid": {"objects": {"1": {"frames": [FRAMES1]}, "2": {"frames": [FRAMES3]}}}}}
            """);
        var dataset = YouTubeVosDataset.Open(folder["valid"]);
        Assert.False(dataset.IsSplit);
        var report = await WithSessions(start => new YouTubeVosEvaluation(new SessionTracker(start), new() { OutputFolder = folder["out"] }).RunAsync(dataset, null, TestContext.Current.CancellationToken));
        Assert.Equal(4, report.Timings.Single().Frames);
        Assert.Equal(["00001.png", "00002.png", "00003.png", "00004.png"], Directory.GetFiles(folder["out/vid"]).Select(Path.GetFileName).Order());
        Assert.Equal([1], IdMaskFile.Read(folder["out/vid/00001.png"]).ObjectIds());
        Assert.Contains(2, IdMaskFile.Read(folder["out/vid/00003.png"]).ObjectIds());
        Assert.Equal(2, report.Scores!.Objects.Count);
        Assert.True(double.IsNaN(report.Scores.J.Unseen) && !double.IsNaN(report.Scores.Overall));
    }

    [Fact]
    public async Task A_set_without_public_annotation_is_tracked_and_not_scored()
    {
        PutVideo("valid", "vid", "00000", 4, 1, """
            {"videos": {"vid": {"objects": {"1": {"frames": [FRAMES0]}}}}}
            """);
        for (var i = 1; i < 4; i++)
        {
            File.Delete(folder[$"valid/Annotations/vid/{i:D5}.png"]);
        }

        var dataset = YouTubeVosDataset.Open(folder.Root);
        var report = await WithSessions(start => new YouTubeVosEvaluation(new SessionTracker(start), new() { OutputFolder = folder["out"] }).RunAsync(dataset, null, TestContext.Current.CancellationToken));
        Assert.Null(report.Scores);
        Assert.Equal(4, Directory.GetFiles(folder["out/vid"]).Length);
        Assert.Contains("evaluation server", Assert.Throws<EvaluationException>(() => YouTubeVosEvaluation.Score(dataset, folder["out"], cancellationToken: TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public async Task Lvos_is_tracked_from_each_object_s_start()
    {
        PutVideo(".", "vid", "00000000", 26, 5, "{}", first: 1);
        Text("valid_meta.json", """{"videos": {"vid": {"objects": {"1": {"frame_range": {"start": "1", "end": "27"}}, "2": {"frame_range": {"start": "6", "end": "27"}}}}}}""");
        Text("unseen_videos.txt", "vid\n");
        var dataset = LvosDataset.Open(folder.Root);
        var report = await WithSessions(start => new LvosEvaluation(new SessionTracker(start), new() { OutputFolder = folder["out"] }).RunAsync(dataset, null, TestContext.Current.CancellationToken));
        Assert.Equal(["00000006", "00000011", "00000016", "00000021"], report.Scores.Objects[0].Score.Frames);
        Assert.Equal(["00000011", "00000016", "00000021"], report.Scores.Objects[1].Score.Frames);
        Assert.All(report.Scores.Objects, entry => Assert.True(entry.IsUnseen));
        var again = LvosEvaluation.Score(dataset, folder["out"], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(report.Scores.J.Unseen, again.J.Unseen);
    }

    [Theory]
    [InlineData("{\n \"videos\": oops", "line 2: not JSON")]
    [InlineData("{}", "holds no \"videos\"")]
    [InlineData("""{"videos": {"v": {}}}""", "sequence 'v' has no \"objects\"")]
    [InlineData("""{"videos": {"v": {"objects": {"x": {}}}}}""", "object 'x' of sequence 'v' is no id")]
    [InlineData("""{"videos": {"v": {"objects": {"1": {}}}}}""", "object 1 of sequence 'v' has no \"frames\"")]
    public void A_bad_meta_file_is_named_with_what_is_wrong(string text, string expected)
    {
        Text("meta.json", text);
        var refusal = Assert.Throws<EvaluationException>(() => YouTubeVosDataset.Open(folder.Root));
        Assert.Contains("meta.json'", refusal.Message);
        Assert.Contains(expected, refusal.Message);
    }

    [Fact]
    public void Folders_of_clips_need_a_mask_each()
    {
        Assert.Contains("holds no clip", Assert.Throws<EvaluationException>(() => ClipFolder.Open(folder.Root)).Message);
        ImageFile.WriteJpeg(folder["b/1.jpg"], new Frame(new byte[3], 1, 1));
        ImageFile.WriteJpeg(folder["a/1.jpg"], new Frame(new byte[3], 1, 1));
        MaskFile.Write(folder["a.png"], new LabelMap([1], 1, 1));
        Assert.Contains("clip 'b' has no mask", Assert.Throws<EvaluationException>(() => ClipFolder.Open(folder.Root)).Message);
        MaskFile.Write(folder["b.png"], new LabelMap([1], 1, 1));
        Assert.Equal(["a", "b"], ClipFolder.Open(folder.Root).Clips.Select(clip => clip.Name));
    }

    public void Dispose() => folder.Dispose();

    private static LabelMap Labels(int i)
    {
        var labels = new LabelMap(Width, Height);
        labels.Ids.AsSpan(4 * Width, 8 * Width).Fill(1);
        labels.Ids.AsSpan((14 + (i % 8)) * Width, 6 * Width).Fill(2);
        return labels;
    }

    private static async Task<T> WithSessions<T>(Func<Func<TrackingSession>, Task<T>> run)
    {
        NativeRuntime.EnsureLoaded();
        using var inference = new InferenceThread();
        using var network = new VmosNetwork(VmosConfig.DeaotT);
        network.PrepareForInference();
        return await run(() => new(inference, new VmosTracker(network, network.Config, torch.CPU, 32)));
    }

    private void PutVideo(string root, string name, string digits, int frames, int step, string meta, int first = 0)
    {
        string Name(int i) => i.ToString(digits);
        for (var i = first; i < first + frames; i += step)
        {
            ImageFile.WriteJpeg(folder[$"{root}/JPEGImages/{name}/{Name(i)}.jpg"], new Frame(new byte[Width * Height * 3], Width, Height));
            MaskFile.Write(folder[$"{root}/Annotations/{name}/{Name(i)}.png"], Labels(i));
        }

        // FRAMESn stands for the names of the frames from the n-th on.
        Text($"{root}/meta.json", Regex.Replace(meta, @"FRAMES(\d)", match =>
            string.Join(", ", Enumerable.Range(0, frames).Skip(int.Parse(match.Groups[1].Value)).Select(i => $"\"{Name(i)}\""))));
    }

    private void Text(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[path])!);
        File.WriteAllText(folder[path], text);
    }
}
