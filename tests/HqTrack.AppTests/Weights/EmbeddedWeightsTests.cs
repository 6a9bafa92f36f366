using HqTrack.AppTests.Infrastructure;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Measures;
using HqTrack.Evaluation.Prompts;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Scenes;
using HqTrack.Tests.Media;
using HqTrack.Vmos;
using HqTrack.Weights;
using static TorchSharp.torch;

namespace HqTrack.AppTests.Weights;

/// <summary>
/// Guards the weights that come with the project: their scores on rendered pictures, and that the model cards speak of these very files. New weights change
/// the card, the hash and the scores here together.
/// </summary>
public sealed class EmbeddedWeightsTests
{
    private const double Tolerance = 0.03; // other processors round differently, and a pixel that flips is remembered

    [Theory]
    [InlineData("lite", "ded34134a391b880f61b201cd6988fa21a1e29fba077b8f7c6b5225392512a93")]
    [InlineData("sam-lite", "1dcc99d3663c6867c0bab053aeb4aae0d9bbf7fa8a7ab1ee5aeb87cb22395673")]
    public void The_model_card_is_that_of_the_embedded_file(string name, string hash)
    {
        using var weights = EmbeddedWeights.Open(name)!;
        Assert.Equal(hash, EmbeddedWeights.Sha256(weights));
        Assert.Contains(hash, File.ReadAllText(Path.Combine(Repository.Root, "models", $"{name}.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(11, 0.821)]
    [InlineData(12, 0.833)]
    [InlineData(13, 0.818)]
    public void Lite_tracks_as_well_as_it_did(long seed, double expected)
    {
        var scene = Scene.Create(new() { Seed = seed, Width = 416, Height = 240, Frames = 30 });
        var (first, labels) = scene.Render(0);
        var ids = labels.ObjectIds();
        using var inference = new InferenceThread();
        using var networks = TrackerNetworks.Load("lite", new(), inference);
        var sum = inference.Run(() =>
        {
            using var mode = inference_mode();
            using var tracker = new VmosTracker(networks.Segmenter, VmosConfig.Lite, CPU, shortSide: 240);
            tracker.AddReference(first, labels, ids, new StageTimes());
            return Enumerable.Range(1, scene.Frames - 1).Sum(t =>
            {
                using var scope = NewDisposeScope();
                var (frame, truth) = scene.Render(t);
                var found = tracker.Track(frame, new StageTimes()).Labels;
                return ids.Average(id => MaskMeasures.Jaccard(Mask(found, id), Mask(truth, id)));
            });
        });
        Assert.Equal(expected, sum / (scene.Frames - 1), Tolerance);
    }

    [Theory]
    [InlineData(0, 0.927)]
    [InlineData(3, 0.871, 0.906, 0.940)]
    public void Sam_lite_answers_as_well_as_it_did(int clicks, params double[] expected)
    {
        using var folder = new TempFolder();
        for (var seed = 21; seed < 27; seed++)
        {
            var (frame, labels) = Scene.Create(new() { Seed = seed, Objects = 4 }).Render(0);
            folder.Put($"JPEGImages/480p/seed{seed}/00000.jpg", ImageFile.EncodeJpeg(frame));
            folder.Put($"Annotations/480p/seed{seed}/00000.png", IndexedPng.Encode(labels));
        }

        var scores = PromptEvaluation.Run(new() { Refiner = "sam-lite", Rounds = clicks }, DavisDataset.Open(folder.Root), cancellationToken: TestContext.Current.CancellationToken);
        Assert.All(expected.Zip(scores.MeanIou), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    private static BitMask Mask(LabelMap labels, int id) => BitMask.OfId(labels.Ids, labels.Width, (byte)id);
}
