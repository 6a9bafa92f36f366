using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Media;
using HqTrack.Vmos;
using HqTrack.Weights;

namespace HqTrack.Tests;

/// <summary>A tracker with a refiner from load to report, on networks with arbitrary weights.</summary>
[Collection("torch")]
public sealed class RefinedTrackingTests : IClassFixture<RefinedTrackingTests.Files>
{
    private const int Width = 112;
    private const int Height = 80;

    private readonly Files files;

    public RefinedTrackingTests(Files files) => this.files = files;

    [Fact]
    public void Refined_masks_are_reported_and_shown_but_not_remembered()
    {
        var plain = Track(new() { Refiner = "off" });
        var refined = Track(new() { Refiner = "sam-lite", Gate = RefinementGate.Always, Refine = RefinementSchedule.Every });
        var remembered = Track(new() { Refiner = "sam-lite", Gate = RefinementGate.Always, Refine = RefinementSchedule.Every, RememberRefined = true });
        Assert.All(plain, frame => Assert.Empty(frame.Refinements));
        for (var i = 0; i < plain.Count; i++)
        {
            Assert.Equal(plain[i].Objects.Select(entry => entry.Id), refined[i].Refinements.Select(entry => entry.Id));
            Assert.Equal(refined[i].Objects.Select(entry => entry.RefinerKept), refined[i].Refinements.Select(entry => entry.IsKept));

            // The box that the refiner is asked with is the proposal's: the same as without a refiner, so nothing went back into the memory.
            Assert.Equal(plain[i].Objects.Select(entry => entry.Box), refined[i].Refinements.Select(entry => entry.Prompt));
            Assert.Equal(Box.Of(refined[i].Labels), refined[i].Objects.Where(entry => entry.Area > 0).ToDictionary(entry => entry.Id, entry => entry.Box!.Value));
        }

        Assert.Contains(refined.Zip(plain), pair => !pair.First.Labels.Ids.SequenceEqual(pair.Second.Labels.Ids));
        Assert.NotEqual(
            refined.SelectMany(frame => frame.Refinements.Select(entry => entry.Prompt)), remembered.SelectMany(frame => frame.Refinements.Select(entry => entry.Prompt)));
    }

    [Fact]
    public void A_locked_mask_stands_above_the_refiner()
    {
        using var tracker = HqTracker.Load("lite", files.With(new() { Refiner = "sam-lite", Gate = RefinementGate.Always, Refine = RefinementSchedule.Every }));
        using var session = tracker.StartSession();
        session.Add(Frame(0), Prompt.Mask(Two()));
        var locked = new LabelMap(Width, Height);
        locked.Ids.AsSpan((70 * Width) + 5, 60).Fill(1);
        session.Lock(2, locked);
        Assert.Contains(session.Track(Frame(1)).Objects, entry => entry.RefinerKept);
        Assert.Equal(locked.Ids.Select(id => id == 1), session.Track(Frame(2)).Labels.Ids.Select(id => id == 1));
    }

    [Fact]
    public void A_resumed_session_refines_the_same_frames()
    {
        using var folder = new TempFolder();
        var options = files.With(new() { Refiner = "sam-lite", Gate = RefinementGate.Always, Refine = RefinementSchedule.EveryNth(2) });
        options.WeightsPath = null; // weights that keep the objects
        using var tracker = HqTracker.Load("lite", options);
        using var session = tracker.StartSession();
        session.Add(Frame(0), Prompt.Mask(Two()));
        session.Track(Frame(1));
        session.Save(folder["session"]);
        using var resumed = tracker.ResumeSession(folder["session"]);
        var refined = new List<bool>();
        for (var i = 2; i < 5; i++)
        {
            var (expected, actual) = (session.Track(Frame(i)), resumed.Track(Frame(i)));
            Assert.Equal(expected.Labels.Ids, actual.Labels.Ids);
            Assert.Equal(expected.Refinements, actual.Refinements);
            refined.Add(actual.Refinements.Any(entry => entry.Outcome is RefinementOutcome.Kept or RefinementOutcome.BelowThreshold));
        }

        Assert.Equal([false, true, false], refined); // every second frame from the first on, not from where it was resumed
    }

    [Fact]
    public void A_gate_that_nothing_passes_leaves_every_label_alone()
    {
        var plain = Track(new() { Refiner = "off" });
        var gated = Track(new() { Refiner = "sam-lite", Gate = RefinementGate.IouBest(1), Refine = RefinementSchedule.Every });
        Assert.All(plain.Zip(gated), pair => Assert.Equal(pair.First.Labels.Ids, pair.Second.Labels.Ids));
        Assert.All(gated.SelectMany(frame => frame.Objects), entry => Assert.False(entry.RefinerKept));
        Assert.Contains(gated.SelectMany(frame => frame.Refinements), entry => entry.Outcome == RefinementOutcome.BelowThreshold);
    }

    [Fact]
    public void Objects_start_from_boxes_points_and_masks_together()
    {
        using var tracker = HqTracker.Load("lite", files.With(new() { Refiner = "sam-lite" }));
        Assert.Equal("sam-lite", tracker.Refiner);
        using var leaks = new LeakCheck();
        using var session = tracker.StartSession();
        var given = new LabelMap(Width, Height);
        given.Ids.AsSpan((5 * Width) + 2, 30).Fill(7);
        var added = session.Add(Frame(0), Prompt.Combine(
            Prompt.Mask(given),
            Prompt.Box(1, new Box(10, 10, 40, 40)),
            Prompt.Objects(new ObjectPrompt(3, [new Box(60, 20, 30, 30), new Box(70, 50, 20, 20)], [new(75, 30), new(5, 5, IsInside: false)]))));
        Assert.Equal([1, 3, 7], session.ObjectIds);
        Assert.Equal([7, 1, 3], added.Objects.Select(entry => entry.Id));
        Assert.All(Enumerable.Range((5 * Width) + 2, 30), pixel => Assert.Equal(7, added.Labels.Ids[pixel])); // a given mask lies on top
        Assert.Equal([1, 3, 7], session.Track(Frame(1)).Objects.Select(entry => entry.Id));
    }

    public static TheoryData<string, ObjectPrompt> Wrong => new()
    {
        { "box -1,0,10,10 is not inside the frame of 112x80", new(1, [new(-1, 0, 10, 10)], []) },
        { "box 100,70,13,5 is not inside", new(1, [new(100, 70, 13, 5)], []) },
        { "box 2147483647,0,1,1 is not inside", new(1, [new(int.MaxValue, 0, 1, 1)], []) },
        { "has no area", new(1, [new(5, 5, 0, 10)], []) },
        { "point 112,3 is not inside", new(1, [], [new(112, 3)]) },
        { "is not a number", new(1, [], [new(double.NaN, 3)]) },
        { "only points outside of it", new(1, [], [new(3, 3, IsInside: false)]) },
        { "neither box nor point", new(1, [], []) },
        { "65 points", new(1, [], [.. Enumerable.Repeat(new PromptPoint(1, 1), 65)]) },
        { "17 boxes", new(1, [.. Enumerable.Repeat(new Box(1, 1, 2, 2), 17)], []) },
        { "object id 256", new(256, [new(1, 1, 2, 2)], []) },
        { "object id 0", new(0, [new(1, 1, 2, 2)], []) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_prompt_that_cannot_be_meant_is_one_line(string part, ObjectPrompt prompt)
    {
        var refusal = Assert.Throws<PromptException>(() => PromptReader.Check(Frame(0), Prompt.Objects(prompt), [], hasRefiner: true));
        Assert.Contains(part, refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Prompts_that_clash_or_need_a_refiner_are_refused()
    {
        Assert.Contains("pointed out twice", Assert.Throws<PromptException>(() => PromptReader.Check(
            Frame(0), Prompt.Combine(Prompt.Box(1, new(1, 1, 5, 5)), Prompt.Points(1, new PromptPoint(3, 3))), [], hasRefiner: true)).Message);
        Assert.Contains("--refiner", Assert.Throws<PromptException>(() => PromptReader.Check(Frame(0), Prompt.Box(1, new(1, 1, 5, 5)), [], hasRefiner: false)).Message);
        Assert.Contains("tracked already", Assert.Throws<MediaException>(() => PromptReader.Check(Frame(0), Prompt.Box(4, new(1, 1, 5, 5)), [4], hasRefiner: true)).Message);
        Assert.Contains("no object", Assert.Throws<PromptException>(() => PromptReader.Check(Frame(0), Prompt.Objects(), [], hasRefiner: true)).Message);
    }

    [Fact]
    public void Each_box_gets_the_points_in_it_and_points_beside_all_boxes_stand_alone()
    {
        PromptPoint inFirst = new(12, 12), inSecond = new(32, 32), free = new(70, 70), outside = new(15, 15, IsInside: false);
        var parts = PromptMasks.Parts(new(1, [new(10, 10, 10, 10), new(30, 30, 10, 10)], [inFirst, inSecond, free, outside]));
        Assert.Equal(3, parts.Count);
        Assert.Equal(new Corners(10, 10, 19, 19), parts[0].Box);
        Assert.Equal([inFirst, outside], parts[0].Points);
        Assert.Equal([inSecond, outside], parts[1].Points);
        Assert.Null(parts[2].Box);
        Assert.Equal([free, outside], parts[2].Points);
    }

    [Fact]
    public void A_refiner_that_is_unknown_or_without_weights_is_named()
    {
        Assert.Contains("sam-huge", Assert.Throws<ArgumentException>(() => HqTracker.Load("lite", files.With(new() { Refiner = "sam-huge" }))).Message);
        var missing = files.With(new() { Refiner = "sam-hq-vit-b" });
        missing.RefinerWeightsPath = files.Missing;
        Assert.Contains("sam-hq-vit-b", Assert.Throws<WeightsMissingException>(() => HqTracker.Load("lite", missing)).Message);
    }

    private List<TrackedFrame> Track(HqTrackerOptions options)
    {
        using var tracker = HqTracker.Load("lite", files.With(options));
        using var leaks = new LeakCheck();
        using var session = tracker.StartSession();
        session.Add(Frame(0), Prompt.Mask(Two()));
        return [.. Enumerable.Range(1, 4).Select(i => session.Track(Frame(i)))];
    }

    private static LabelMap Two()
    {
        var labels = new LabelMap(Width, Height);
        foreach (var (id, left, top) in new[] { (1, 8, 6), (2, 60, 30) })
        {
            for (var y = top; y < top + 40; y++)
            {
                labels.Ids.AsSpan((y * Width) + left, 40).Fill((byte)id);
            }
        }

        return labels;
    }

    private static Frame Frame(int index)
    {
        var rgb = new byte[Width * Height * 3];
        new Random(5).NextBytes(rgb);
        for (var i = 0; i < 300; i++)
        {
            rgb[(index * 331) + (i * 3)] = 255;
        }

        return new(rgb, Width, Height, index);
    }

    /// <summary>Arbitrary weights of both networks.</summary>
    public sealed class Files : IDisposable
    {
        private readonly TempFolder folder = new();

        public Files()
        {
            NativeRuntime.EnsureLoaded();
            using var lite = new VmosNetwork(VmosConfig.Lite);
            FillRule.Apply(lite); // gives every label some pixels
            Safetensors.Save(folder["lite.safetensors"], lite.state_dict());
            using var sam = new SamNetwork(SamConfig.Lite);
            FillRule.Apply(sam);
            Safetensors.Save(folder["sam-lite.safetensors"], sam.state_dict());
        }

        public string Missing => folder["missing.pth"];

        public HqTrackerOptions With(HqTrackerOptions options)
        {
            options.WeightsPath = folder["lite.safetensors"];
            options.RefinerWeightsPath = options.Refiner == "off" ? null : folder["sam-lite.safetensors"];
            options.Threads = 1;
            return options;
        }

        public void Dispose() => folder.Dispose();
    }
}
