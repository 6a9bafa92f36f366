using System.Text.Json;
using HqTrack.Tests.Infrastructure;
using HqTrack.Training.Losses;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Training.Losses;

/// <summary>Both losses and their gradient against aot-benchmark.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("training/losses.safetensors")]
public sealed class LossGoldenTests
{
    private const double Tolerance = 1e-5;
    private const double LogitScale = 3;

    [Fact]
    public void Losses_and_gradients_match()
    {
        using var golden = SafetensorsFile.Open(Goldens.Find("training/losses.safetensors"));
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        Assert.NotEmpty(golden.Metadata);
        foreach (var (name, text) in golden.Metadata)
        {
            using var parameters = JsonDocument.Parse(text);
            long Number(string key) => parameters.RootElement.GetProperty(key).GetInt64();
            var share = BootstrappedCrossEntropy.Share(Number("step"), Number("hard_mining_step"), parameters.RootElement.GetProperty("top_k").GetDouble());
            var logits = FillRule.Input($"{name}.logits", [Number("B"), Number("C"), Number("H"), Number("W")], LogitScale).requires_grad_();
            var labels = Safetensors.LoadTensor(golden, $"{name}.label").squeeze(1);

            // One loss a sample; the gradient is that of their mean.
            var pixels = PixelScores.Of(logits, labels);
            var entropy = BootstrappedCrossEntropy.Forward(pixels, share);
            var jaccard = SoftJaccard.Forward(pixels);
            Assert.InRange(FillRule.RelativeError(entropy, Safetensors.LoadTensor(golden, $"{name}.ce")), 0, Tolerance);
            Assert.InRange(FillRule.RelativeError(jaccard, Safetensors.LoadTensor(golden, $"{name}.jaccard")), 0, Tolerance);
            var expected = Safetensors.LoadTensor(golden, $"{name}.grad_logits");
            MaskLoss.Forward(logits, labels, share).mean().backward();
            Assert.InRange(FillRule.RelativeError(logits.grad!, expected), 0, Tolerance);
        }
    }
}
