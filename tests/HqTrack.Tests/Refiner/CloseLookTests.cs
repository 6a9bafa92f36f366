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
    private static readonly SamConfig Mirroring = SamGoldens.Tiny with { Looks = [new(3, IsMirrored: true)] };
    private static readonly SamConfig Zooming = SamGoldens.Tiny with { Looks = [new(3)] };

    [Fact]
    public void A_network_without_looks_sees_the_whole_as_published()
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
    public void A_click_is_looked_at_closely_and_gives_the_same_for_the_same_points_whatever_was_asked_before()
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

    [Fact]
    public void A_mirrored_look_at_a_mirrored_frame_sees_the_mirror_image()
    {
        using var plain = SamGoldens.Network(Zooming);
        using var mirrored = SamGoldens.Network(Mirroring);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var frame = Noise(480, 270);
        using var look = new CloseLook(new SamPredictor(plain, CPU));
        using var mirror = new CloseLook(new SamPredictor(mirrored, CPU));
        look.SetImage(frame);
        mirror.SetImage(Mirror(frame));
        foreach (var (left, right) in ((int, int)[])[(0, 479), (200, 279), (180, 239)]) // so that the windows of the frame and of its mirror image are mirror images too
        {
            PromptPoint[] points = [new(left + 10, 120), new(left + 40, 140, IsInside: false)];
            var expected = look.Ask(new SamPrompt(points, new Corners(left, 100, right, 159)));
            var answer = mirror.Ask(new SamPrompt([.. points.Select(point => point with { X = 479 - point.X })], new Corners(479 - right, 100, 479 - left, 159)));
            Assert.Equal(expected.Window with { X = 480 - expected.Window.X - expected.Window.Width }, answer.Window);
            AssertSame(expected.Logits, answer.Logits.flip(1));
        }
    }

    [Fact]
    public void Several_looks_are_averaged_where_they_see_and_the_last_lies_around_what_was_found()
    {
        SamLook[] looks = [new(4), new(2, IsMirrored: true), new(1.5, IsAroundAnswer: true)];
        var frame = Noise(960, 540);
        Corners box = new(420, 200, 480, 260);
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var network = SamGoldens.Network(SamGoldens.Tiny with { Looks = looks });
        using var images = new CounterProbe(Images);
        using var close = new CloseLook(new SamPredictor(network, CPU));
        close.SetImage(frame);
        var answer = close.Ask(new SamPrompt(box));
        Assert.Equal(3, images.Total);
        Assert.Equal(SamWindow.Around(box, 4, 960, 540), answer.Window);

        var (mean, seen) = (empty(0), 0);
        foreach (var look in looks)
        {
            var window = SamWindow.Around(look.IsAroundAnswer ? Found(mean) : box, look.Margin, 960, 540);
            using var through = new WindowLook(new SamPredictor(network, CPU), look.IsMirrored);
            through.Show(frame, window);
            var own = through.Ask(new SamPrompt(box), null).Logits.clamp(-8, 8);
            var shows = zeros(540, 960, dtype: ScalarType.Bool);
            shows.narrow(0, window.Y, window.Height).narrow(1, window.X, window.Width).fill_(true);
            mean = seen == 0 ? own : where(shows, ((mean * seen) + own) / (seen + 1), mean);
            seen++;
        }

        Assert.Equal(0, (mean - answer.Logits).abs().max().item<float>(), 1e-5);
        Assert.NotEqual(0, (mean - AloneIn(frame, looks[0], box)).abs().max().item<float>()); // the later looks do count
    }

    [Fact]
    public void A_window_that_several_looks_share_is_encoded_once_and_counts_for_each()
    {
        using var network = SamGoldens.Network(SamGoldens.Tiny with { Looks = [new(2), new(1.5), new(1.2, IsMirrored: true)] });
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var images = new CounterProbe(Images);
        var frame = Noise(960, 540);
        Corners box = new(420, 200, 460, 240);
        using var close = new CloseLook(new SamPredictor(network, CPU));
        close.SetImage(frame);
        var answer = close.Ask(new SamPrompt(box));
        Assert.Equal(2, images.Total); // all windows are as small as windows get
        Tensor plain = AloneIn(frame, new(2), box), mirrored = AloneIn(frame, new(2, IsMirrored: true), box);
        Assert.Equal(0, (((2 * plain) + mirrored) / 3 - answer.Logits).abs().max().item<float>(), 1e-5);
    }

    private static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(0, (expected - actual).abs().max().item<float>());
    }

    private static Frame Mirror(Frame frame)
    {
        var rgb = new byte[frame.Rgb.Length];
        for (var i = 0; i < rgb.Length; i++)
        {
            var (row, x, channel) = (i / (3 * frame.Width), i / 3 % frame.Width, i % 3);
            rgb[i] = frame.Rgb[(((row * frame.Width) + frame.Width - 1 - x) * 3) + channel];
        }

        return new(rgb, frame.Width, frame.Height);
    }

    private static Corners Found(Tensor logits)
    {
        var values = logits.contiguous().data<float>().ToArray();
        var bounds = BinaryMask.AboveZero(values, (int)logits.size(1), (int)logits.size(0)).Bounds();
        Assert.NotNull(bounds);
        return new(bounds.Value.Left, bounds.Value.Top, bounds.Value.Right, bounds.Value.Bottom);
    }

    private static Tensor AloneIn(Frame frame, SamLook look, Corners box)
    {
        using var network = SamGoldens.Network(SamGoldens.Tiny with { Looks = [look] });
        using var close = new CloseLook(new SamPredictor(network, CPU));
        close.SetImage(frame);
        return close.Ask(new SamPrompt(box)).Logits;
    }

    private static Frame Noise(int width, int height)
    {
        var rgb = new byte[width * height * 3];
        new Random(3).NextBytes(rgb);
        return new(rgb, width, height);
    }
}
