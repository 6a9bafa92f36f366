using HqTrack.Evaluation.Measures;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Scenes;
using HqTrack.Tests.Infrastructure;
using HqTrack.Training;
using HqTrack.Training.Vmos;
using HqTrack.Vmos;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Training.Vmos;

/// <summary>The whole of training and tracking together: a network that saw one clip again and again follows its objects.</summary>
[Collection("torch")]
[Trait("Category", "Long")]
public sealed class OverfitTests
{
    private const int Size = 161;
    private const int Frames = 6;
    private const int Steps = 300;

    [Fact(Explicit = true)]
    public void One_clip_learned_by_heart_is_tracked_with_J_above_09()
    {
        NativeRuntime.EnsureLoaded();
        var output = Directory.CreateTempSubdirectory("hqtrack-overfit-").FullName;
        try
        {
            var scene = Scene.Create(new SceneOptions { Seed = 7, Width = Size, Height = Size, Frames = Frames, Objects = 2, Occlusion = false });
            var frames = Enumerable.Range(0, scene.Frames).Select(scene.Render).ToArray();
            var recipe = TrainingRecipe.Mixed(Steps) with { Phases = [new(1, Size, Frames, 1)], Rate = 1e-3, EncoderRatio = 1, FrozenStages = 0 };
            manual_seed(1);
            using var network = new VmosNetwork(VmosConfig.Lite);
            using var task = new VmosTask(network, recipe, new OneClip(frames), 0, 0, CPU);
            using var trainer = new Trainer(task, recipe, new TrainerOptions(output, "lite"));
            Assert.True(trainer.Run(cancellation: TestContext.Current.CancellationToken));
            Assert.InRange(MeanJ(Path.Combine(output, "lite.safetensors"), frames), 0.9, 1);
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    private static double MeanJ(string weights, (Frame Frame, LabelMap Labels)[] frames)
    {
        using var tracker = HqTracker.Load("lite", new() { WeightsPath = weights, MaxSize = Size }); // at the size it was learned
        using var session = tracker.StartSession();
        session.Add(frames[0].Frame, Prompt.Mask(frames[0].Labels));
        var scores = new List<double>();
        foreach (var (frame, truth) in frames.Skip(1))
        {
            var found = session.Track(frame).Labels;
            scores.AddRange(frames[0].Labels.ObjectIds().Select(id => MaskMeasures.Jaccard(Mask(truth, id), Mask(found, id))));
        }

        return scores.Average();
    }

    private static BitMask Mask(LabelMap labels, int id) => BitMask.OfId(labels.Ids, labels.Width, (byte)id);
}
