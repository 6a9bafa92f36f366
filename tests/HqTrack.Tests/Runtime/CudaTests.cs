using HqTrack.Media;
using HqTrack.Ops;
using HqTrack.Refiner;
using HqTrack.Scenes;
using HqTrack.Tests.Infrastructure;
using HqTrack.Training.Vmos;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Runtime;

/// <summary>What runs on CUDA gives the numbers of the CPU. Skipped where libtorch finds no device.</summary>
[Collection("torch")]
[Trait("Category", "Cuda")]
public sealed class CudaTests
{
    private static Device Cuda => new(DeviceType.CUDA, 0);

    [Theory]
    [InlineData(1, 16, 16, 7, 64, 172)]
    [InlineData(2, 31, 29, 4, 32, 44)]
    [InlineData(1, 120, 110, 7, 16, 32)] // too large for all pairs at once
    public void Windowed_attention_agrees(int batch, int height, int width, int radius, int keyDim, int channels)
    {
        NeedsCuda();
        using var scope = NewDisposeScope();
        var side = (2 * radius) + 1;
        Tensor[] inputs =
        [
            FillRule.Input("q", [batch, height * width, keyDim]), FillRule.Input("k", [batch, height * width, keyDim]), FillRule.Input("v", [batch, height * width, channels]),
            FillRule.Input("bias", [batch, height * width, side * side]),
        ];
        AssertSame(inputs, x => LocalAttention.Forward(x[0], x[1], x[2], x[3], height, width, radius, 1 / Math.Sqrt(keyDim)), 1e-4);
        AssertSame([.. inputs[..3], FillRule.Input("shared", [side * side])], x => LocalAttention.Forward(x[0], x[1], x[2], x[3], height, width, radius, 1), 1e-4);
    }

    [Fact]
    public void Deformable_convolution_agrees()
    {
        NeedsCuda();
        using var scope = NewDisposeScope();
        var geometry = new Dcnv3Geometry(4, 3, 1, 1, 1, 1);
        Tensor[] inputs = [FillRule.Input("input", [2, 15, 17, 64]), FillRule.Input("offset", [2, 15, 17, 72]) * 2.3, FillRule.Input("mask", [2, 15, 17, 36])];
        AssertSame(inputs, x => Dcnv3.Forward(x[0], x[1], x[2], geometry), 2e-3);
    }

    [Theory]
    [InlineData("lite", 2e-3)]
    [InlineData("hqtrack", 2e-2)] // convolutions of TF32, many of them
    public void A_training_pass_agrees(string model, double tolerance)
    {
        NeedsCuda();
        manual_seed(3);
        using var network = new VmosNetwork(VmosConfig.All.Single(config => config.Name == model));
        if (model == "lite")
        {
            using var file = ModelCatalog.Resolve("lite", null);
            StateDictLoader.Load(network, file.Load(), file.Name);
        }

        var (loss, norm) = Pass(network, CPU);
        network.to(Cuda);
        var (cudaLoss, cudaNorm) = Pass(network, Cuda);
        Assert.InRange(cudaLoss / loss, 1 - tolerance, 1 + tolerance);
        Assert.InRange(cudaNorm / norm, 1 - (10 * tolerance), 1 + (10 * tolerance));
    }

    [Fact]
    public void Tracking_agrees()
    {
        NeedsCuda();
        var scene = Scene.Create(new() { Seed = 4, Width = 256, Height = 144, Frames = 12, Objects = 3 });
        LabelMap[] Track(string device)
        {
            using var tracker = HqTracker.Load("lite", new() { Device = device, Refiner = "off" });
            using var session = tracker.StartSession();
            session.Add(scene.Render(0).Frame, Prompt.Mask(scene.Render(0).Labels));
            return [.. Enumerable.Range(1, 11).Select(t => session.Track(scene.Render(t).Frame).Labels)];
        }

        foreach (var (a, b) in Track("cpu").Zip(Track("cuda")))
        {
            Assert.InRange(a.Ids.Zip(b.Ids).Count(pair => pair.First == pair.Second) / (double)a.Ids.Length, 0.995, 1);
        }
    }

    [Fact]
    public void Segmenting_agrees()
    {
        NeedsCuda();
        var (frame, labels) = Scene.Create(new() { Seed = 4, Width = 320, Height = 240, Frames = 12, Objects = 2 }).Render(0);
        var box = Box.Of(labels).First().Value;
        byte[] Segment(string device)
        {
            using var segmenter = ImageSegmenter.Load("sam-lite", new() { Device = device });
            using var image = segmenter.Encode(frame);
            return image.Segment(new ObjectPrompt(1, [box], [])).Labels.Ids;
        }

        Assert.InRange(Segment("cpu").Zip(Segment("cuda")).Count(pair => pair.First == pair.Second) / (double)(320 * 240), 0.995, 1);
    }

    private static void NeedsCuda() => Assert.SkipUnless(cuda.is_available(), "libtorch finds no CUDA device");

    // One clip of three frames: loss and norm of the gradient.
    private static (double Loss, double Norm) Pass(VmosNetwork network, Device device)
    {
        using var scope = NewDisposeScope();
        network.train();
        network.zero_grad();
        var images = FillRule.Input("images", [3, 2, 3, 97, 97]).to(device);
        var labels = (FillRule.Input("labels", [3, 2, 97, 97]) > 0).to(ScalarType.Byte).to(device);
        var channels = tensor(new long[] { 0, 3, 0, 7 }, device: device).view(2, 2);
        var result = new ClipPass(network).Forward(images, labels, channels, new(1, 2, 2, [true, false]));
        result.Loss.backward();
        var norm = nn.utils.clip_grad_norm_(network.parameters().Where(parameter => parameter.grad is not null), 1e9);
        return (result.Loss.item<float>(), norm);
    }

    // Result and gradients on both devices, relative to the largest value.
    private static void AssertSame(Tensor[] inputs, Func<Tensor[], Tensor> operation, double tolerance)
    {
        Tensor[] Run(Device device)
        {
            var own = Array.ConvertAll(inputs, x => x.detach().to(device).requires_grad_());
            var result = operation(own);
            return [result, .. autograd.grad([result], own, [FillRule.Input("upstream", result.shape).to(device)])];
        }

        foreach (var (expected, actual) in Run(CPU).Zip(Run(Cuda)))
        {
            Assert.InRange((expected - actual.cpu()).abs().max().item<float>() / expected.abs().max().item<float>(), 0, tolerance);
        }
    }
}
