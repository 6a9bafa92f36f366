using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner.Sam;

[Collection("torch")]
public sealed class MaskSharpenerTests
{
    private const int Side = 96;

    [Fact]
    public void Untrained_it_only_enlarges()
    {
        using var sharpener = Create();
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var logits = randn(3, 1, Side / 4, Side / 4) * 5;
        var sharp = sharpener.Forward(logits, sharpener.Prepare(randn(1, 3, Side, Side)));
        var enlarged = nn.functional.interpolate(logits, size: [Side / 2, Side / 2], mode: InterpolationMode.Bilinear, align_corners: false);
        Assert.Equal(enlarged.shape, sharp.shape);
        Assert.Equal(0, (sharp - enlarged).abs().max().item<float>());
    }

    [Fact]
    public void Training_and_inference_and_one_image_or_one_for_each_mask_agree()
    {
        using var sharpener = Create();
        using var scope = NewDisposeScope();
        Wake(sharpener);
        var logits = randn(2, 1, Side / 4, Side / 4) * 5;
        var image = randn(1, 3, Side, Side);
        var trained = sharpener.Forward(logits, sharpener.Prepare(image)).detach();
        using var grad = no_grad();
        var shared = sharpener.Forward(logits, sharpener.Prepare(image));
        var own = sharpener.Forward(logits, sharpener.Prepare(image.repeat(2, 1, 1, 1)));
        Assert.InRange((shared - trained).abs().max().item<float>(), 0, 1e-4);
        Assert.InRange((shared - own).abs().max().item<float>(), 0, 1e-4);
        Assert.InRange((shared[1] - sharpener.Forward(logits.narrow(0, 1, 1), sharpener.Prepare(image))[0]).abs().max().item<float>(), 0, 1e-4);
    }

    [Fact]
    public void It_learns_an_edge_that_the_mask_misses_from_the_colours_on_both_sides()
    {
        using var sharpener = Create();
        using var scope = NewDisposeScope();
        // A red square on green; the mask lies six pixels too far to the right.
        var truth = zeros(1, 1, Side / 2, Side / 2);
        truth.narrow(2, 14, 20).narrow(3, 14, 20).fill_(1);
        var image = cat([(truth * 2) - 1, 1 - (truth * 2), zeros_like(truth)], 1).repeat_interleave(2, 2).repeat_interleave(2, 3);
        var rough = nn.functional.avg_pool2d(truth.roll(3, 3), 2);
        var logits = (rough - 0.5) * 8;
        using var optimizer = optim.Adam(sharpener.parameters(), 0.01);
        double first = 0, last = 0;
        for (var step = 0; step < 60; step++)
        {
            using var inner = NewDisposeScope();
            var loss = nn.functional.binary_cross_entropy_with_logits(sharpener.Forward(logits, sharpener.Prepare(image)), truth);
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            last = loss.item<float>();
            first = step == 0 ? last : first;
        }

        Assert.InRange(last, 0, first / 4);
    }

    private static void Wake(MaskSharpener sharpener)
    {
        using var grad = no_grad();
        foreach (var (_, parameter) in sharpener.named_parameters())
        {
            nn.init.normal_(parameter, 0, 0.1);
        }
    }

    private static MaskSharpener Create()
    {
        NativeRuntime.EnsureLoaded();
        random.manual_seed(4);
        return new MaskSharpener(16);
    }
}
