using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Refiner.Sam;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner;

/// <summary>The refiner around a real network, small and with arbitrary weights.</summary>
[Collection("torch")]
public sealed class MaskRefinerTests
{
    private const string Images = "hqtrack.refiner.images";

    [Fact]
    public void Seven_objects_of_a_frame_need_one_run_of_the_image_encoder_and_get_what_each_alone_gets()
    {
        using var network = SamGoldens.Network(SamGoldens.Tiny);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        var (frame, proposal) = Scene(0);
        foreach (var gate in new[] { RefinementGate.HqTrack, RefinementGate.Always, RefinementGate.IouBest(0.2) })
        {
            using var images = new CounterProbe(Images);
            using var refiner = new MaskRefiner(new SamPredictor(network, CPU), gate, RefinementSchedule.Every);
            var result = Refine(refiner, frame, proposal, 1);
            Assert.Equal(1, images.Total);
            Assert.Equal([1, 2, 3, 4, 5, 6, 7], result.Objects.Select(entry => entry.Id));
            foreach (var entry in result.Objects)
            {
                var (mask, predicted, measured) = Alone(network, gate, frame, BinaryMask.PerId(proposal)[entry.Id]);
                Assert.Equal(predicted, entry.PredictedIou!.Value, 1e-5);
                Assert.Equal(measured, entry.MeasuredIou!.Value, 1e-2); // a pixel at the threshold may fall either way
                Assert.Equal(measured >= gate.Threshold, entry.IsKept);
                if (entry.IsKept && gate.Name == "always")
                {
                    Assert.True(BinaryMask.PerId(result.Labels).GetValueOrDefault(entry.Id, new(frame.Width, frame.Height)).Pixels().All(pixel => mask[pixel % frame.Width, pixel / frame.Width]));
                }
            }
        }
    }

    [Fact]
    public void A_frame_without_a_due_object_is_not_encoded_and_keeps_its_labels()
    {
        using var network = SamGoldens.Network(SamGoldens.Tiny);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var images = new CounterProbe(Images);
        var (frame, proposal) = Scene(0);
        using var everyThird = new MaskRefiner(new SamPredictor(network, CPU), RefinementGate.Always, RefinementSchedule.EveryNth(3));
        var outcomes = Enumerable.Range(0, 4).Select(_ => Refine(everyThird, frame, proposal, 1).Objects[0].Outcome).ToList();
        Assert.Equal([RefinementOutcome.Kept, RefinementOutcome.NotDue, RefinementOutcome.NotDue, RefinementOutcome.Kept], outcomes);
        Assert.Equal(2, images.Total);

        using var uncertain = new MaskRefiner(new SamPredictor(network, CPU), RefinementGate.Always, RefinementSchedule.Uncertain(0.5));
        var sure = Refine(uncertain, frame, proposal, 0.5);
        Assert.Same(proposal, sure.Labels);
        Assert.All(sure.Objects, entry => Assert.Equal(RefinementOutcome.Confident, entry.Outcome));
        Assert.Equal(2, images.Total);
        Assert.Equal(RefinementOutcome.Kept, Refine(uncertain, frame, proposal, 0.49).Objects[0].Outcome);
        Assert.Equal(3, images.Total);
    }

    [Fact]
    public void Tiny_and_absent_objects_are_left_alone_but_the_releases_gate_refines_tiny_ones()
    {
        using var network = SamGoldens.Network(SamGoldens.Tiny);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        var (frame, _) = Scene(0);
        var proposal = new LabelMap(frame.Width, frame.Height);
        proposal.Ids[(20 * frame.Width) + 30] = 4;
        using var images = new CounterProbe(Images);
        using var refiner = new MaskRefiner(new SamPredictor(network, CPU), RefinementGate.IouBest(), RefinementSchedule.Every);
        var (alone, _) = refiner.Refine(frame, proposal, [2, 4], _ => 0, (_, _, _) => 0, new StageTimes());
        Assert.Equal([(2, RefinementOutcome.Absent), (4, RefinementOutcome.Tiny)], alone.Objects.Select(entry => (entry.Id, entry.Outcome)));
        Assert.Null(alone.Objects[0].Prompt);
        Assert.Equal(new Box(30, 20, 1, 1), alone.Objects[1].Prompt);
        Assert.Same(proposal, alone.Labels);
        Assert.Equal(0, images.Total);

        using var released = new MaskRefiner(new SamPredictor(network, CPU), RefinementGate.HqTrack, RefinementSchedule.Every);
        Assert.NotNull(released.Refine(frame, proposal, [2, 4], _ => 0, (_, _, _) => 0, new StageTimes()).Refined.Objects[1].MeasuredIou);
        Assert.Equal(1, images.Total);
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public void Thirty_frames_of_seven_objects_with_hq_sam_b_run_in_bounded_memory_and_encode_thirty_times()
    {
        NativeRuntime.EnsureLoaded();
        random.manual_seed(1);
        using var network = new SamNetwork(SamConfig.HqVitB);
        network.PrepareForInference();
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var images = new CounterProbe(Images);
        using var refiner = new MaskRefiner(new SamPredictor(network, CPU), RefinementGate.IouBest(), RefinementSchedule.Every);
        var megabytes = new List<double>();
        for (var i = 0; i < 30; i++)
        {
            var (frame, proposal) = Scene(i, 854, 480);
            Assert.Equal(7, Refine(refiner, frame, proposal, 1).Objects.Count(entry => entry.MeasuredIou is not null));
            megabytes.Add(NativeMemory.InUseMegabytes());
        }

        Assert.Equal(30, images.Total);
        TestContext.Current.SendDiagnosticMessage($"native memory in MB: {string.Join(' ', megabytes.Select(used => $"{used:0}"))}");
        Assert.InRange(megabytes.TakeLast(10).Max() - megabytes.Take(10).Max(), double.NegativeInfinity, 16); // one frame's embedding in each of twenty would be 80
    }

    [Fact]
    public void Hundreds_of_frames_keep_no_tensor_and_take_no_more_memory_than_the_first()
    {
        const int Part = 80;
        using var network = SamGoldens.Network(SamGoldens.Tiny);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var refiner = new MaskRefiner(new SamPredictor(network, CPU), RefinementGate.IouBest(), RefinementSchedule.Every);
        var (frame, proposal) = Scene(0);
        double Run()
        {
            for (var i = 0; i < Part; i++)
            {
                Refine(refiner, frame, proposal, 1);
            }

            return NativeMemory.InUseMegabytes() + (GC.GetTotalMemory(forceFullCollection: true) / (1024.0 * 1024));
        }

        Run();
        var (early, tensors) = (Run(), Tensor.TotalCount);
        var late = Run();
        Assert.Equal(tensors, Tensor.TotalCount);

        // The candidates alone of so many frames are 97 MB.
        Assert.True(late < early + 48, $"{early:0} MB after {2 * Part} frames, {late:0} MB after {3 * Part}");
    }

    private static RefinedFrame Refine(MaskRefiner refiner, Frame frame, LabelMap proposal, double confidence) =>
        refiner.Refine(frame, proposal, [1, 2, 3, 4, 5, 6, 7], _ => confidence, (id, _, _) => id / 10f, new StageTimes()).Refined;

    private static (BinaryMask Mask, double Predicted, double Measured) Alone(SamNetwork network, RefinementGate gate, Frame frame, BinaryMask proposal)
    {
        using var scope = NewDisposeScope();
        using var predictor = new SamPredictor(network, CPU);
        predictor.SetImage(frame);
        var prediction = predictor.Predict([new SamPrompt(MaskRefiner.BoxAround(proposal))], gate.Name == "iou-best" ? MaskChoice.Every : MaskChoice.Multiple);
        var masks = Enumerable.Range(0, (int)prediction.Iou.size(1))
            .Select(m => BinaryMask.AboveZero(TensorSpan.ToArray<float>(predictor.Upscale(prediction.LowRes)[0, m]), frame.Width, frame.Height)).ToList();
        var best = gate.Name == "iou-best" ? masks.MaxBy(mask => mask.Iou(proposal))! : masks[0];
        return (best, prediction.Iou[0, masks.IndexOf(best)].item<float>(), best.Iou(proposal));
    }

    private static (Frame Frame, LabelMap Proposal) Scene(int seed, int width = 120, int height = 90)
    {
        var random = new Random(seed);
        var rgb = new byte[width * height * 3];
        random.NextBytes(rgb);
        var labels = new LabelMap(width, height);
        for (var id = 1; id <= 7; id++)
        {
            int x0 = (id - 1) % 4 * width / 4, y0 = (id - 1) / 4 * height / 2;
            for (var y = y0 + 3; y < y0 + (height / 3) + random.Next(3); y++)
            {
                for (var x = x0 + 2; x < x0 + (width / 5) + random.Next(3); x++)
                {
                    labels.Ids[(y * width) + x] = (byte)id;
                }
            }
        }

        return (new(rgb, width, height), labels);
    }
}
