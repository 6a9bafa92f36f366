using HqTrack.Evaluation.Ablations;
using HqTrack.Runtime;
using HqTrack.Scenes;
using HqTrack.Tests.Infrastructure;
using HqTrack.Training;
using HqTrack.Training.Vmos;
using HqTrack.Vmos;
using static TorchSharp.torch;

namespace HqTrack.Tests.Training.Vmos;

/// <summary>The component study's networks learn from nothing with the ordinary trainer, and track with what it writes.</summary>
[Collection("torch")]
public sealed class ComponentTrainingTests : IDisposable
{
    private const int Size = 65;
    private const int Frames = 3;

    private readonly string output = Directory.CreateTempSubdirectory("hqtrack-run-").FullName;

    public static TheoryData<string> Names => [.. AblationStudy.ComponentModels];

    public void Dispose() => Directory.Delete(output, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_falls_and_the_weights_track(string model)
    {
        NativeRuntime.EnsureLoaded();
        var scene = Scene.Create(new SceneOptions { Seed = 7, Width = Size, Height = Size, Frames = Frames, Objects = 2, Occlusion = false });
        var frames = Enumerable.Range(0, scene.Frames).Select(scene.Render).ToArray();
        var recipe = TrainingRecipe.Mixed(20) with
        {
            Phases = [new(1, Size, Frames, 1)],
            Rate = 1e-3,
            EncoderRatio = 1,
            FrozenStages = 0,
            HardMining = 1000, // all pixels count to the end: counting only the worst lifts the loss
        };
        manual_seed(1);
        using (var task = new VmosTask(new VmosNetwork(VmosConfig.All.Single(config => config.Name == model)), recipe, new OneClip(frames), 0, 0, CPU))
        using (var trainer = new Trainer(task, recipe, new TrainerOptions(output, model) { LogEvery = 1 }))
        {
            Assert.True(trainer.Run(cancellation: TestContext.Current.CancellationToken));
        }

        var losses = TrainingLog.Read(Path.Combine(output, "log.jsonl")).Select(line => line.Loss).ToArray();
        Assert.True(losses[^5..].Average() < 0.8 * losses[..5].Average(), string.Join(' ', losses));

        var weights = Path.Combine(output, $"{model}.safetensors");
        Assert.InRange(new FileInfo(weights).Length, 5_000_000, 8_000_000);
        using var tracker = HqTracker.Load(model, new() { WeightsPath = weights });
        using var session = tracker.StartSession();
        session.Add(frames[0].Frame, Prompt.Mask(frames[0].Labels));
        var found = session.Track(frames[1].Frame).Labels;
        Assert.Equal((Size, Size), (found.Width, found.Height));
    }
}
