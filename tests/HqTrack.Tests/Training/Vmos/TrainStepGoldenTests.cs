using System.Text.Json;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Training;
using HqTrack.Training.Losses;
using HqTrack.Training.Optimization;
using HqTrack.Training.Vmos;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Training.Vmos;

/// <summary>One training step of the published VMOS, four frames forward and backward with every dropout at 0, against the release.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("training/train_step.safetensors")]
public sealed class TrainStepGoldenTests
{
    private const int Shown = 64; // values of a gradient that the golden holds
    private const double Tolerance = 1e-5;

    // Gradients jump where an activation crosses zero or a sample crosses a pixel, and among a few million of them the last bit decides
    // for one or two: that is 1e-3 of a weight's gradient, one sum of many, and not the same weights in the two cases.
    private const double GradientTolerance = 2e-3;
    private const double NormTolerance = 5e-4;

    // The release rotates the ids of case b: row i of its shuffle matrix is row Rotation[i] of the identity.
    private static readonly long[] Rotation = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1];

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void Losses_and_gradients_match(string name)
    {
        NativeRuntime.EnsureLoaded();
        using var golden = SafetensorsFile.Open(Goldens.Find("training/train_step.safetensors"));
        using var metadata = JsonDocument.Parse(golden.Metadata[name]);
        var facts = metadata.RootElement;
        using var network = new VmosNetwork(VmosConfig.HqTrack);
        FillRule.Apply(network);
        network.train();
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        Tensor Golden(string key) => Safetensors.LoadTensor(golden, $"{name}.{key}");
        long batch = facts.GetProperty("batch").GetInt64(), step = facts.GetProperty("step").GetInt64();
        var recipe = TrainingRecipe.Video(facts.GetProperty("total_steps").GetInt64());
        var isFedBack = facts.GetProperty("use_prev_pred").GetBoolean();
        Assert.Equal(isFedBack ? 1 : 0, recipe.Feedback(step));
        Assert.Equal(facts.GetProperty("long_term_mem_gap").GetInt32(), recipe.MemoryGap);
        var images = Golden("frames").view(-1, batch, 3, 65, 65);
        var frames = (int)images.size(0);
        var options = new ClipPassOptions(
            BootstrappedCrossEntropy.Share(step, recipe.HardMining * recipe.Steps), recipe.MemoryGap, FrozenStages: 0,
            [.. Enumerable.Repeat(isFedBack, frames - 1)], recipe.ReferenceWeight(step), FreezesIdentities: isFedBack);
        var result = new ClipPass(network).Forward(images, Golden("labels").view(frames, batch, 65, 65), Channels(facts), options);
        result.Loss.backward();

        Check("loss", result.Loss.view(1), Golden("loss"));
        Check("frame losses", result.FrameLosses, Golden("frame_losses"));
        using var predicted = result.LastLogits.argmax(1, keepdim: true).to(ScalarType.Byte);
        Assert.Equal(Golden("pred_last").data<byte>().ToArray(), predicted.data<byte>().ToArray());
        CheckGradients(network, facts, Golden);
        using var optimizer = new Optimizer(ParameterGroups.Of(network, recipe.WeightDecay));
        Check("norm of all gradients", tensor([(float)optimizer.ClipGradients(recipe.ClipNorm)]), Golden("grad_norm_total"), NormTolerance);
    }

    private static void CheckGradients(VmosNetwork network, JsonElement facts, Func<string, Tensor> golden)
    {
        foreach (var norm in facts.GetProperty("grad_norms").EnumerateObject())
        {
            using var gradient = network.get_parameter(norm.Name)!.grad;
            var expected = norm.Value.ValueKind == JsonValueKind.Null ? 0 : norm.Value.GetDouble();
            if (gradient is null)
            {
                Assert.True(expected == 0, $"{norm.Name} has no gradient, expected one of norm {expected}");
                continue;
            }

            Check($"norm of {norm.Name}", gradient.norm().view(1), tensor([(float)expected]), NormTolerance);
            Check(norm.Name, gradient.flatten().narrow(0, 0, Math.Min(Shown, gradient.numel())), golden($"grad.{norm.Name}"), GradientTolerance);
        }

        var without = network.named_parameters().Where(entry => entry.parameter.grad is null).Select(entry => entry.name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in facts.GetProperty("no_grad").EnumerateArray())
        {
            Assert.Contains(name.GetString()!, without);
        }
    }

    private static Tensor Channels(JsonElement facts)
    {
        var objects = facts.GetProperty("obj_nums").EnumerateArray().Select(n => n.GetInt32()).ToArray();
        var isRotated = facts.GetProperty("id_shuffle").GetString() != "none";
        var rows = objects.SelectMany(n => Enumerable.Range(0, n + 1)).Select(id => isRotated ? Rotation[id] : id).ToArray();
        Assert.All(objects, n => Assert.Equal(objects[0], n));
        return tensor(rows).view(objects.Length, objects[0] + 1);
    }

    private static void Check(string what, Tensor actual, Tensor expected, double tolerance = Tolerance)
    {
        var error = FillRule.RelativeError(actual, expected);
        Assert.True(error <= tolerance, $"{what}: relative error {error:0.0e0}, expected at most {tolerance:0.0e0}");
    }
}
