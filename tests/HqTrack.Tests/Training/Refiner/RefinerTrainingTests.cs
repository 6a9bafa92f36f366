using HqTrack.Layers;
using HqTrack.Refiner.Sam;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Refiner.Sam;
using HqTrack.Tests.Training.Data;
using HqTrack.Training;
using HqTrack.Training.Data;
using HqTrack.Training.Optimization;
using HqTrack.Training.Refiner;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Training.Refiner;

/// <summary>The refiner's trainer on small images: it resumes exactly, reaches every parameter, takes the weights it should and no others.</summary>
[Collection("torch")]
public sealed class RefinerTrainingTests : IDisposable
{
    private readonly SmallDataFolder data = new();
    private readonly string output = Directory.CreateTempSubdirectory("hqtrack-run-").FullName;

    public void Dispose()
    {
        data.Dispose();
        Directory.Delete(output, recursive: true);
    }

    [Fact]
    public void Run_stopped_and_resumed_gives_the_same_weights()
    {
        var (whole, parts) = (Path.Combine(output, "whole"), Path.Combine(output, "parts"));
        Assert.True(Train(Options(Small(5), whole)));
        using var stop = new CancellationTokenSource();
        Assert.False(RefinerTraining.Run(Options(Small(5), parts) with { LogEvery = 1 }, new Direct(progress =>
        {
            if (progress.Line.Step >= 2)
            {
                stop.Cancel();
            }
        }), stop.Token));
        Assert.Equal(2, TrainingCheckpoint.Read(Path.Combine(parts, "checkpoint.safetensors")).Step);
        Assert.True(Train(Options(Small(5), parts)));
        Assert.Equal(0, Difference(whole, parts));
        var error = Assert.Throws<TrainingException>(() => Train(Options(Small(5) with { Objects = 1 }, parts)));
        Assert.Contains("objects was 2, now 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_are_prompted_together_are_decoded_as_each_alone()
    {
        using var network = new SamNetwork(SamConfig.Lite with { ImageSize = 64 });
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        network.eval();
        SamGoldens.LetSharpen(network);
        var images = FillRule.Input("images", [2, 3, 64, 64]);
        var maps = network.ImageEncoder.Encode(images);
        var positions = network.PromptEncoder.DensePositions();
        var both = network.Prepare(images, maps, positions).Of(tensor(new long[] { 1, 0, 1 }));
        SamPrompts Prompts(Tensor boxes) => new(null, null, boxes, null);
        var boxes = tensor(new float[] { 4, 6, 30, 40, 10, 2, 60, 50, 20, 20, 40, 63 }).view(3, 4);
        var together = network.Decode(both, Prompts(boxes));
        var sharp = network.Sharpen(both, together.Masks);
        foreach (var (prompt, image) in new[] { (0, 1), (1, 0), (2, 1) })
        {
            var own = network.Prepare(images.narrow(0, image, 1), new(maps.Embedding.narrow(0, image, 1), maps.Early.narrow(0, image, 1)), positions);
            var alone = network.Decode(own, Prompts(boxes.narrow(0, prompt, 1)));
            foreach (var (expected, actual) in new[]
            {
                (alone.Masks, together.Masks), (alone.Iou, together.Iou), (alone.HighQuality!, together.HighQuality!), (network.Sharpen(own, alone.Masks), sharp),
            })
            {
                Assert.InRange((expected - actual.narrow(0, prompt, 1)).abs().max().item<float>(), 0, 1e-4f);
            }
        }
    }

    [Fact]
    public void A_run_whose_images_are_prompted_together_resumes_exactly()
    {
        var recipe = Small(4) with { Images = 3, Group = 2 };
        var (whole, parts) = (Path.Combine(output, "whole"), Path.Combine(output, "parts"));
        Assert.True(Train(Options(recipe, whole)));
        using var stop = new CancellationTokenSource();
        Assert.False(RefinerTraining.Run(Options(recipe, parts) with { LogEvery = 1 }, new Direct(_ => stop.Cancel()), stop.Token));
        Assert.True(Train(Options(recipe, parts)));
        Assert.Equal(0, Difference(whole, parts));
    }

    [Fact]
    public void Every_parameter_gets_a_gradient_but_those_of_frozen_stages()
    {
        using var network = new SamNetwork(SamConfig.Lite with { ImageSize = 64 });
        SamGoldens.LetSharpen(network);
        var recipe = Small(40) with { FrozenStages = 1, Images = 1 };
        using var task = new RefinerTask(network, recipe, Source(), 0, 0, CPU);
        using var leaks = new LeakCheck();
        var missing = network.named_parameters().Where(entry => entry.parameter.requires_grad).Select(entry => entry.name).ToHashSet();
        for (var step = 0; step < recipe.Steps && missing.Any(name => !IsFirstStage(name)); step++)
        {
            using var scope = NewDisposeScope();
            var loss = task.Forward(step, TestContext.Current.CancellationToken).Value;
            Assert.True(float.IsFinite(loss.item<float>()));
            loss.backward();
            foreach (var (name, parameter) in network.named_parameters())
            {
                var grad = parameter.grad;
                if (grad is not null && grad.abs().sum().item<float>() > 0)
                {
                    missing.Remove(name);
                }
            }

            network.zero_grad();
        }

        Assert.NotEmpty(missing);
        Assert.All(missing, name => Assert.True(IsFirstStage(name), $"{name} gets no gradient"));

        static bool IsFirstStage(string name) => Enumerable.Range(0, 4).Any(i => name.StartsWith($"image_encoder.trunk.features.{i}.", StringComparison.Ordinal));
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        var recipe = Small(5);
        using var network = new SamNetwork(SamConfig.Lite with { ImageSize = recipe.Size });
        using var task = new RefinerTask(network, recipe, Source(), 0, 0, CPU);
        using var trainer = new Trainer(task, recipe, new TrainerOptions(output, "sam-lite") { LogEvery = 1 });
        var alive = new List<long>();
        trainer.Run(new Direct(_ =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            alive.Add(Tensor.TotalCount);
        }), TestContext.Current.CancellationToken);
        Assert.Equal(alive[1], alive[^1]);
    }

    [Fact]
    public void Start_weights_of_a_MobileNetV2_fill_the_trunk_and_whole_weights_everything()
    {
        using var scope = NewDisposeScope();
        var (backbone, whole, other) = (Path.Combine(output, "backbone.safetensors"), Path.Combine(output, "whole.safetensors"), Path.Combine(output, "other.safetensors"));
        using (var trunk = new MobileNetV2(hasLastConv: true))
        {
            Safetensors.Save(backbone, trunk.state_dict().Select(entry => KeyValuePair.Create("encoder." + entry.Key, entry.Value)), new Dictionary<string, string>());
            using var network = new SamNetwork(SamConfig.Lite with { ImageSize = 64 });
            RefinerTraining.LoadInit(network, backbone);
            Assert.All(((LiteEncoder)network.ImageEncoder).Trunk.state_dict(), entry => Assert.True(entry.Value.eq(trunk.state_dict()[entry.Key]).all().item<bool>()));
            Safetensors.Save(whole, network.state_dict(), new Dictionary<string, string>());
            using var again = new SamNetwork(SamConfig.Lite with { ImageSize = 96 });
            RefinerTraining.LoadInit(again, whole);
            Assert.All(again.state_dict(), entry => Assert.True(entry.Value.eq(network.state_dict()[entry.Key]).all().item<bool>(), entry.Key));
        }

        Safetensors.Save(other, new Dictionary<string, Tensor> { ["head.weight"] = ones(2) }, new Dictionary<string, string>());
        using var left = new SamNetwork(SamConfig.Lite with { ImageSize = 64 });
        Assert.Contains("found no key", Assert.Throws<CheckpointFormatException>(() => RefinerTraining.LoadInit(left, other)).Message, StringComparison.Ordinal);
        Assert.Contains("neither a file nor a model", Assert.Throws<WeightsMissingException>(() => RefinerTraining.LoadInit(left, "nowhere")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loss_wants_the_first_token_right_and_one_of_the_others()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var truth = zeros(1, 1, 16, 16);
        truth.narrow(2, 4, 8).narrow(3, 4, 8).fill_(1);
        var right = (truth * 40) - 20;
        var iou = ones(1, 4);
        float Loss(Tensor[] tokens, Tensor highQuality, float wrong = 0)
        {
            var logits = cat(tokens, 1);
            var measured = RefinerLoss.Iou(logits, truth);
            return RefinerLoss.Forward(logits, highQuality, measured - wrong, measured, truth).item<float>();
        }

        Assert.InRange(Loss([right, right, right, right], right), 0, 0.01);
        var one = Loss([right, -right, right, -right], right);
        var none = Loss([right, -right, -right, -right], right);
        var first = Loss([-right, right, right, right], right);
        Assert.InRange(one, 0.5, none / 5); // the best of three counts, the others a little
        Assert.True(first > 10 * one);
        Assert.Equal(Loss([right, right, right, right], right) + 0.25f, Loss([right, right, right, right], right, wrong: 0.5f), 1e-4f); // of the predicted IoU
        Assert.Equal([1f, 0f], RefinerLoss.Iou(cat([right, -right], 1), truth).data<float>().ToArray().Select(value => MathF.Round(value, 5)));
        var half = truth.clone();
        half.narrow(2, 4, 4).fill_(0);
        Assert.Equal(0.5f, RefinerLoss.Iou((half * 2) - 1, truth).item<float>(), 1e-4f);
    }

    [Fact]
    public void The_predicted_IoU_is_that_of_the_mask_that_is_shown_for_the_token_that_is_given_out()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var truth = zeros(2, 1, 16, 16);
        truth.narrow(2, 0, 8).fill_(1);
        var wrong = 1 - (truth * 2);
        var half = wrong.clone();
        half.narrow(2, 0, 4).fill_(1); // the upper half of the truth and nothing else
        half.narrow(2, 8, 8).fill_(-1);
        var measured = RefinerLoss.Measured(wrong.expand(-1, 4, -1, -1), half, tensor(new long[] { 0, 2 }).view(2, 1), truth);
        Assert.Equal([0.5f, 0, 0, 0, 0, 0, 0.5f, 0], measured.data<float>().ToArray().Select(value => MathF.Round(value, 4)));
        Assert.False(measured.requires_grad);
    }

    [Fact]
    public void Padding_of_whole_images_holds_no_object_and_normalises_to_nothing()
    {
        var shape = new ClipShape(1, 97);
        var padded = 0;
        for (var i = 0; i < 40; i++)
        {
            var rng = Rng.For(9, i);
            var clip = Source().Next(ref rng, shape);
            Assert.Equal(Enumerable.Range(1, clip.ObjectCount), clip.Labels[0].ObjectIds());
            var rgb = clip.Frames[0].Rgb;
            for (var at = 0; at < 96 * 97; at++)
            {
                if (rgb.AsSpan(at * 3, 3).SequenceEqual((byte[])[124, 116, 104]))
                {
                    Assert.Equal(0, clip.Labels[0].Ids[at]);
                    padded++;
                }
            }
        }

        Assert.InRange(padded, 40 * 96 * 5, 40 * 96 * 70);
    }

    [Fact]
    public void Only_the_backbone_learns_at_the_encoders_rate()
    {
        Assert.True(ParameterGroups.IsEncoder("image_encoder.trunk.features.0.0.weight"));
        Assert.All(
            ["image_encoder.neck.0.weight", "prompt_encoder.no_mask_embed.weight", "mask_decoder.embedding_encoder.0.weight", "mask_decoder.iou_token.weight"],
            key => Assert.False(ParameterGroups.IsEncoder(key), key));
    }

    private static bool Train(RefinerTrainingOptions options) => RefinerTraining.Run(options, null, TestContext.Current.CancellationToken);

    private RefinerTrainingOptions Options(RefinerRecipe recipe, string folder) => new() { Data = data.Root, Output = folder, Recipe = recipe, Threads = 1 };

    private IClipSource Source() => TrainingData.Open(data.Root).CreateImageSource(new ClipMix(Scenes: 0), new PictureCache());

    private static RefinerRecipe Small(long steps) => RefinerRecipe.Lite(steps) with { Size = 64, Images = 2, Objects = 2, Mix = new(Scenes: 0) };

    private static double Difference(string first, string second)
    {
        using var scope = NewDisposeScope();
        using var a = SafetensorsFile.Open(Path.Combine(first, "checkpoint.safetensors"));
        using var b = SafetensorsFile.Open(Path.Combine(second, "checkpoint.safetensors"));
        Assert.Equal(a.Names, b.Names);
        return a.Names.Max(name => (Safetensors.LoadTensor(a, name) - Safetensors.LoadTensor(b, name)).abs().max().item<float>());
    }

    private sealed class Direct(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }
}
