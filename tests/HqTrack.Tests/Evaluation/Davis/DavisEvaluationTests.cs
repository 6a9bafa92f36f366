using HqTrack.Evaluation;
using HqTrack.Evaluation.Benchmarks;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Davis;
using HqTrack.Evaluation.Tracking;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Tests.Media;
using HqTrack.Vmos;
using TorchSharp;

namespace HqTrack.Tests.Evaluation.Davis;

/// <summary>The whole experiment with an untrained network: what it tracks, counts, writes and refuses.</summary>
[Collection("torch")]
public sealed class DavisEvaluationTests : IDisposable
{
    private const int Width = 40;
    private const int Height = 32;

    private readonly TempFolder folder = new();
    private readonly InferenceThread inference = new();
    private readonly VmosNetwork network = NewNetwork();

    [Fact]
    public async Task Scores_are_those_of_the_masks_it_wrote()
    {
        Put("one", 6);
        Put("two", 5, firstAnnotated: 1);
        var dataset = DavisDataset.Open(folder.Root);
        var progress = new List<EvaluationProgress>();
        var report = await Run(dataset, new() { OutputFolder = folder["out"] }, new Collect(progress));

        Assert.Equal(["one", "two"], report.Scores.Sequences.Select(score => score.Name));
        Assert.Equal(["00001", "00002", "00003", "00004"], report.Scores.Sequences[0].Frames);
        Assert.Equal(["00002", "00003"], report.Scores.Sequences[1].Frames);
        Assert.Equal(["one_1", "one_2", "two_1", "two_2"], report.Scores.Objects.Select(score => score.Name));
        Assert.Equal(["00001.png", "00002.png", "00003.png", "00004.png"], Directory.GetFiles(folder["out/two"]).Select(Path.GetFileName).Order());
        var again = DavisResults.Score(dataset, folder["out"], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(again.JAndF, report.Scores.JAndF);
        Assert.Equal([6, 4], report.Timings.Select(timing => timing.Frames));
        Assert.True(report.FramesPerSecond > 0 && report.PeakMemoryMb > 10);
        Assert.Contains(new("one", 0, 2, 6, 6), progress);
        Assert.Contains(new("two", 1, 2, 4, 4), progress);
    }

    [Fact]
    public async Task A_finished_sequence_is_not_tracked_again()
    {
        Put("one", 5);
        var dataset = DavisDataset.Open(folder.Root);
        var options = new DavisEvaluationOptions { OutputFolder = folder["out"], Resume = true };
        var first = await Run(dataset, options);
        var second = await Run(dataset, options);
        Assert.Equal(5, first.Timings.Single().Frames);
        Assert.Equal(0, second.Timings.Single().Frames);
        Assert.Equal(first.Scores.JAndF, second.Scores.JAndF);

        File.Delete(folder["out/one/00003.png"]);
        Assert.Equal(5, (await Run(dataset, options)).Timings.Single().Frames);
    }

    [Fact]
    public async Task A_part_of_a_sequence_can_be_evaluated()
    {
        Put("one", 12);
        Put("two", 4);
        var dataset = DavisDataset.Open(folder.Root);
        var report = await Run(dataset, new() { Every = 3, MaxFrames = 4, Sequences = ["one"] });
        Assert.Equal(["00003", "00006"], report.Scores.Sequences.Single().Frames);
        var refusal = await Assert.ThrowsAsync<EvaluationException>(() => Run(dataset, new() { Sequences = ["three"] }));
        Assert.Contains("'three'", refusal.Message);
    }

    [Fact]
    public async Task A_damaged_frame_names_its_sequence()
    {
        Put("one", 5);
        File.WriteAllText(folder["JPEGImages/480p/one/00003.jpg"], "no image");
        var refusal = await Assert.ThrowsAsync<MediaException>(() => Run(DavisDataset.Open(folder.Root), new() { OutputFolder = folder["out"] }));
        Assert.StartsWith("sequence 'one': frame 3", refusal.Message);
        Assert.Equal(3, Directory.GetFiles(folder["out/one"]).Length);
    }

    [Fact]
    public async Task Cancelling_ends_the_run()
    {
        Put("one", 13); // more than the pipeline holds at once
        using var cancel = new CancellationTokenSource();
        var evaluation = new DavisEvaluation(new SessionTracker(StartSession));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            evaluation.RunAsync(DavisDataset.Open(folder.Root), new Act(report => { if (report.Frame == 2) { cancel.Cancel(); } }), cancel.Token));
    }

    [Fact]
    public void Peak_memory_is_that_of_this_process()
    {
        var before = ProcessMemory.PeakMegabytes();
        var block = new byte[96 << 20];
        Array.Fill(block, (byte)1);
        Assert.True(ProcessMemory.PeakMegabytes() >= before);
        Assert.InRange(ProcessMemory.PeakMegabytes(), block.Length >> 20, 1 << 20);
    }

    public void Dispose()
    {
        network.Dispose();
        inference.Dispose();
        folder.Dispose();
    }

    private static VmosNetwork NewNetwork()
    {
        NativeRuntime.EnsureLoaded();
        var network = new VmosNetwork(VmosConfig.DeaotT);
        network.PrepareForInference();
        return network;
    }

    private Task<DavisReport> Run(DavisDataset dataset, DavisEvaluationOptions options, IProgress<EvaluationProgress>? progress = null) =>
        new DavisEvaluation(new SessionTracker(StartSession), options).RunAsync(dataset, progress, TestContext.Current.CancellationToken);

    private TrackingSession StartSession() => new(inference, new VmosTracker(network, network.Config, torch.CPU, 32));

    private void Put(string name, int frames, int firstAnnotated = 0)
    {
        for (var i = 0; i < frames; i++)
        {
            var rgb = new byte[Width * Height * 3];
            Array.Fill(rgb, (byte)(40 + (10 * i)));
            var image = folder[$"JPEGImages/480p/{name}/{i:D5}.jpg"];
            ImageFile.WriteJpeg(image, new Frame(rgb, Width, Height));
            if (i >= firstAnnotated)
            {
                var labels = new LabelMap(Width, Height);
                labels.Ids.AsSpan(4 * Width, 8 * Width).Fill(1);
                labels.Ids.AsSpan((14 + i) * Width, 6 * Width).Fill(2);
                MaskFile.Write(folder[$"Annotations/480p/{name}/{i:D5}.png"], labels);
            }
        }
    }

    private sealed class Collect(List<EvaluationProgress> reports) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => reports.Add(value);
    }

    private sealed class Act(Action<EvaluationProgress> act) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => act(value);
    }
}
