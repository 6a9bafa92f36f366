using HqTrack.Media;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner.Sam;

/// <summary>The project's own light network: size, shapes, and that training reaches every weight.</summary>
[Collection("torch")]
public sealed class SamLiteTests
{
    private const long MaxParameters = 8_000_000;

    [Fact]
    public void Has_at_most_eight_million_parameters()
    {
        using var network = Create(SamConfig.Lite);
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        Assert.InRange(network.state_dict().Values.Sum(value => value.numel()), 1, MaxParameters);
    }

    [Fact]
    public void Answers_points_boxes_and_masks_through_the_same_predictor()
    {
        using var network = SamGoldens.Network(SamConfig.Lite);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var predictor = new SamPredictor(network, CPU);
        var rgb = new byte[90 * 160 * 3];
        new Random(1).NextBytes(rgb);
        predictor.SetImage(new Frame(rgb, 160, 90));
        var first = predictor.Predict([new SamPrompt(new Corners(10, 20, 60, 70))], MaskChoice.Every);
        Assert.Equal([1, 4, 160, 160], first.LowRes.shape);
        Assert.Equal([1, 4, 90, 160], predictor.Upscale(first.LowRes).shape);
        PromptPoint[] points = [new(30, 40), new(100, 50, IsInside: false)];
        SamPrompt[] prompts = [new(points), new(points, new Corners(1, 2, 3, 4)), new([], null, first.LowRes[0, 1]), new(points, new Corners(1, 2, 3, 4), first.LowRes[0, 0])];
        foreach (var prompt in prompts)
        {
            var next = predictor.Predict([prompt, prompt]);
            Assert.Equal([2, 1, 160, 160], next.LowRes.shape);
            Assert.True(isfinite(next.LowRes).all().item<bool>());
            Assert.InRange((next.LowRes[0] - next.LowRes[1]).abs().max().item<float>(), 0, 1e-4);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_reach_every_weight(bool isLite)
    {
        var config = isLite ? SamConfig.Lite with { ImageSize = 64 } : SamGoldens.Tiny;
        using var network = Create(config);
        network.train();
        using (var warm = new LeakCheck())
        {
            using var scope = NewDisposeScope();
            long mask = config.MaskGrid;
            var pixels = randn(1, 3, config.ImageSize, config.ImageSize);
            using var embedding = network.ImageEncoder.Encode(pixels);
            var image = network.Prepare(pixels, embedding, network.PromptEncoder.DensePositions());
            if (isLite)
            {
                SamGoldens.LetSharpen(network);
            }

            var points = rand(2, 2, 2) * config.ImageSize;
            var labels = tensor(new[] { 1f, 0f, 1f, 0f }).view(2, 2);
            var boxes = rand(2, 4) * config.ImageSize;
            var loss = zeros(1);
            foreach (var prompts in new SamPrompts[] { new(points, labels, null, null), new(points, labels, boxes, null), new(null, null, boxes, randn(2, 1, mask, mask)) })
            {
                var result = network.Decode(image, prompts);
                loss = loss + result.Masks.pow(2).mean() + result.Iou.pow(2).mean() + result.HighQuality!.pow(2).mean() + network.Sharpen(image, result.Masks).pow(2).mean();
            }

            loss.backward();
            var without = network.named_parameters().Where(entry => entry.parameter.grad is not { } grad || grad.abs().max().item<float>() == 0 || !isfinite(grad).all().item<bool>()).Select(entry => entry.name).ToList();
            Assert.True(without.Count == 0, string.Join(", ", without));
            network.zero_grad();
            foreach (var (_, parameter) in network.named_parameters())
            {
                parameter.grad = null;
            }
        }
    }

    [Fact]
    public void What_lies_in_freed_memory_does_not_reach_the_gradients()
    {
        var config = SamConfig.Lite with { ImageSize = 448 };
        using var network = Create(config);
        network.train();
        using var scope = NewDisposeScope();
        var threads = get_num_threads();
        set_num_threads(1); // with one, on some processors, oneDNN leaves what it adds to channels as it finds it
        SamGoldens.LetSharpen(network);
        var pixels = randn(1, 3, config.ImageSize, config.ImageSize);
        using var embedding = network.ImageEncoder.Encode(pixels);
        var image = network.Prepare(pixels, embedding, network.PromptEncoder.DensePositions());
        var result = network.Decode(image, new(null, null, tensor(new float[] { 40, 50, 200, 260, 10, 20, 400, 300 }).view(2, 4), null));
        var masks = result.Masks + result.HighQuality!;
        var loss = masks.pow(2).mean() + network.Sharpen(image, masks.narrow(1, 0, 1)).pow(2).mean();
        FillFreedMemory();
        loss.backward();
        set_num_threads(threads);
        Assert.All(network.named_parameters(), entry => Assert.True(entry.parameter.grad is not { } grad || isfinite(grad).all().item<bool>(), entry.name));
    }

    // Not-a-number in blocks of many sizes, which the allocator then hands out again.
    private static void FillFreedMemory()
    {
        using var scope = NewDisposeScope();
        for (var size = 64; size <= 1 << 21; size *= 2)
        {
            for (var i = 0; i < 8; i++)
            {
                full([size + (size / 8 * i)], float.NaN);
            }
        }
    }

    private static SamNetwork Create(SamConfig config)
    {
        NativeRuntime.EnsureLoaded();
        random.manual_seed(3);
        return new SamNetwork(config);
    }
}
