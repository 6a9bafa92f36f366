using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Refiner.Sam;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner;

/// <summary>Second looks around an object, with a small network of arbitrary weights.</summary>
[Collection("torch")]
public sealed class CloseLookTests
{
    private const string Images = "hqtrack.refiner.images";
    private static readonly SamConfig Zooming = SamGoldens.Tiny with { ZoomMargin = 3 };

    [Fact]
    public void A_network_without_a_margin_looks_at_the_whole_as_published()
    {
        using var network = SamGoldens.Network(SamGoldens.Tiny);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var images = new CounterProbe(Images);
        var frame = Noise(480, 270);
        using var look = new CloseLook(new SamPredictor(network, CPU));
        look.SetImage(frame);
        using var predictor = new SamPredictor(network, CPU);
        predictor.SetImage(frame);
        PromptPoint first = new(100, 120), second = new(90, 50, IsInside: false);

        var expected = predictor.Predict([new SamPrompt([first])], MaskChoice.Multiple);
        var best = expected.Iou[0].argmax().item<long>();
        var answer = look.Ask(new SamPrompt([first]));
        AssertSame(predictor.Upscale(expected.LowRes.narrow(1, best, 1))[0, 0], answer.Logits);

        var corrected = predictor.Predict([new SamPrompt([first, second], Mask: expected.LowRes[0, best])], MaskChoice.Single);
        AssertSame(predictor.Upscale(corrected.LowRes)[0, 0], look.Ask(new SamPrompt([first, second]), answer).Logits);

        Corners box = new(40, 50, 200, 160);
        AssertSame(predictor.Upscale(predictor.Predict([new SamPrompt(box)], MaskChoice.Single).LowRes)[0, 0], look.Ask(new SamPrompt(box)).Logits);
        Assert.Equal(2, images.Total);
    }

    [Fact]
    public void A_box_is_looked_at_through_the_window_around_it_as_if_that_were_the_image()
    {
        using var network = SamGoldens.Network(Zooming);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var frame = Noise(960, 540);
        using var look = new CloseLook(new SamPredictor(network, CPU));
        look.SetImage(frame);
        Corners box = new(400, 200, 470, 260);
        PromptPoint point = new(430, 230);
        var answer = look.Ask(new SamPrompt([point], box));
        var window = SamWindow.Around(box, 3, 960, 540);
        Assert.Equal(window, answer.Window);

        using var predictor = new SamPredictor(network, CPU);
        predictor.SetImage(window.Cut(frame));
        var moved = new SamPrompt([new(430 - window.X, 230 - window.Y)], new Corners(400 - window.X, 200 - window.Y, 470 - window.X, 260 - window.Y));
        var expected = predictor.Upscale(predictor.Predict([moved], MaskChoice.Single).LowRes)[0, 0];
        AssertSame(expected, answer.Logits.narrow(0, window.Y, window.Height).narrow(1, window.X, window.Width));
        Assert.Equal(
            0, answer.Logits.gt(0).sum().item<long>() - answer.Logits.narrow(0, window.Y, window.Height).narrow(1, window.X, window.Width).gt(0).sum().item<long>()); // nothing outside
    }

    [Fact]
    public void A_window_is_encoded_once_and_the_whole_only_where_it_is_looked_at()
    {
        using var network = SamGoldens.Network(Zooming);
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var images = new CounterProbe(Images);
        using var look = new CloseLook(new SamPredictor(network, CPU));
        look.SetImage(Noise(960, 540));
        look.Ask(new SamPrompt(new Corners(20, 20, 900, 500)));
        Assert.Equal(1, images.Total);
        look.Ask(new SamPrompt(new Corners(400, 200, 470, 260)));
        look.Ask(new SamPrompt([new(420, 220), new(460, 240, IsInside: false)], new Corners(400, 200, 470, 260)));
        Assert.Equal(2, images.Total);
        look.Ask(new SamPrompt(new Corners(100, 200, 170, 260)));
        Assert.Equal(3, images.Total);
        look.SetImage(Noise(960, 540));
        look.Ask(new SamPrompt(new Corners(100, 200, 170, 260)));
        Assert.Equal(4, images.Total); // windows of an earlier image are forgotten, and the whole is not needed
    }

    [Fact]
    public void A_click_is_looked_at_twice_and_gives_the_same_for_the_same_points_whatever_was_asked_before()
    {
        using var network = SamGoldens.Network(Zooming);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var frame = Noise(960, 540);
        using var look = new CloseLook(new SamPredictor(network, CPU));
        look.SetImage(frame);
        var prompt = new SamPrompt([new(300, 200), new(500, 400, IsInside: false)]);
        var first = look.Ask(prompt);
        look.Ask(new SamPrompt(new Corners(700, 300, 760, 340)));
        AssertSame(first.Logits, look.Ask(prompt).Logits);
        var next = look.Ask(new SamPrompt([.. prompt.Points, new(310, 210)]), first);
        Assert.True(next.Logits.isfinite().all().item<bool>());
        Assert.Equal([540, 960], next.Logits.shape);
    }

    private static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(0, (expected - actual).abs().max().item<float>());
    }

    private static Frame Noise(int width, int height)
    {
        var rgb = new byte[width * height * 3];
        new Random(3).NextBytes(rgb);
        return new(rgb, width, height);
    }
}
