using System.Text.Json;
using HqTrack.Ops;
using HqTrack.Tests.Infrastructure;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Ops;

/// <summary>Deformable convolution v3 against InternImage's reference: output and all three gradients.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("vmos/dcnv3_op.safetensors")]
public sealed class Dcnv3GoldenTests
{
    private const double OpTolerance = 1e-5;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Output_and_gradients_match(bool composed)
    {
        Func<Tensor, Tensor, Tensor, Dcnv3Geometry, Tensor> op = composed ? Dcnv3Composed.Forward : Dcnv3.Forward;
        using var golden = SafetensorsFile.Open(Goldens.Find("vmos/dcnv3_op.safetensors"));
        using var leaks = new LeakCheck();
        var cases = golden.Metadata.Keys.Where(key => key.StartsWith("case", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(cases);
        foreach (var name in cases)
        {
            using var scope = NewDisposeScope();
            var geometry = Geometry(golden.Metadata[name]);
            Tensor[] inputs = [.. new[] { "input", "offset", "mask" }.Select(part => Safetensors.LoadTensor(golden, $"{name}.{part}").requires_grad_())];
            var output = op(inputs[0], inputs[1], inputs[2], geometry);
            Assert.InRange(FillRule.RelativeError(output.detach(), Safetensors.LoadTensor(golden, $"{name}.output")), 0, OpTolerance);

            output.backward([Safetensors.LoadTensor(golden, $"{name}.grad_output")]);
            foreach (var (input, part) in inputs.Zip(["grad_input", "grad_offset", "grad_mask"]))
            {
                Assert.InRange(FillRule.RelativeError(input.grad!, Safetensors.LoadTensor(golden, $"{name}.{part}")), 0, OpTolerance);
            }
        }
    }

    private static Dcnv3Geometry Geometry(string json)
    {
        using var document = JsonDocument.Parse(json);
        int Number(string key) => document.RootElement.GetProperty(key).GetInt32();
        return new(
            Number("group"), Number("kernel"), Number("stride"), Number("pad"), Number("dilation"), document.RootElement.GetProperty("offset_scale").GetDouble());
    }
}
