using FsCheck;
using FsCheck.Fluent;
using HqTrack.Media;
using HqTrack.Refiner;

namespace HqTrack.Tests.Refiner;

/// <summary>What holds for every gate on any masks.</summary>
public sealed class RefinementPolicyTests
{
    private const int Width = 24;
    private const int Height = 18;

    [Fact]
    public void A_chosen_mask_reaches_the_gates_threshold_and_no_candidate_is_better() => Property(scene =>
    {
        foreach (var gate in Gates(scene))
        {
            foreach (var (mask, candidates) in scene.Objects.Select(entry => (entry.Mask, entry.Candidates)))
            {
                var decision = RefinementPolicy.Choose(gate, mask, candidates);
                Assert.Equal(decision.IsKept, decision.MeasuredIou >= (float)gate.Threshold);
                Assert.Equal(candidates[decision.Index].Mask.Iou(mask), decision.MeasuredIou);
                var best = gate.Name == "iou-best" ? candidates.Select(c => c.Mask.Iou(mask)).ToList() : [.. candidates.Select(c => c.PredictedIou)];
                Assert.Equal(best.IndexOf(best.Max()), decision.Index);
            }
        }
    });

    [Fact]
    public void Objects_left_alone_stay_bit_for_bit_and_nobody_takes_their_pixels() => Property(scene =>
    {
        foreach (var gate in Gates(scene).Where(gate => gate.Name != "hqtrack"))
        {
            var (merged, masks) = Merge(scene, gate);
            foreach (var left in masks.Where(entry => entry.Refined is null))
            {
                Assert.Equal(left.Proposal.Pixels(), Enumerable.Range(0, merged.Ids.Length).Where(pixel => merged.Ids[pixel] == left.Id));
            }
        }
    });

    [Fact]
    public void A_pixel_goes_to_a_refined_mask_that_claims_it_with_the_highest_probability() => Property(scene =>
    {
        foreach (var gate in Gates(scene).Where(gate => gate.Name != "hqtrack"))
        {
            var (merged, masks) = Merge(scene, gate);
            var owners = masks.Where(entry => entry.Refined is null).SelectMany(entry => entry.Proposal.Pixels()).ToHashSet();
            for (var pixel = 0; pixel < merged.Ids.Length; pixel++)
            {
                int x = pixel % Width, y = pixel / Width;
                var claims = masks.Where(entry => entry.Refined?[x, y] ?? false).Select(entry => entry.Id).ToList();
                if (owners.Contains(pixel))
                {
                    continue;
                }

                if (claims.Count == 0)
                {
                    Assert.Equal(0, merged.Ids[pixel]);
                    continue;
                }

                Assert.Contains(merged.Ids[pixel], claims.Select(id => (byte)id));
                var highest = claims.Max(id => scene.Probability(id, x, y));
                Assert.Equal(highest, scene.Probability(merged.Ids[pixel], x, y));
                var tied = claims.Where(id => scene.Probability(id, x, y) == highest).ToList();
                Assert.Equal(tied.Contains(scene.Proposal.Ids[pixel]) ? scene.Proposal.Ids[pixel] : tied.Min(), merged.Ids[pixel]);
            }
        }
    });

    [Fact]
    public void The_releases_gate_merges_as_a_stack_of_masks_does() => Property(scene =>
    {
        var (merged, masks) = Merge(scene, RefinementGate.HqTrack);
        var ids = scene.Proposal.Ids.Distinct().Order().ToList(); // np.unique, 0 among them where there is background
        for (var pixel = 0; pixel < merged.Ids.Length; pixel++)
        {
            int x = pixel % Width, y = pixel / Width;
            var stack = ids.Select(id => masks.SingleOrDefault(entry => entry.Id == id) is { } own && (own.Refined ?? own.Proposal)[x, y]).ToList();
            var covering = stack.Count(covers => covers);
            Assert.Equal(covering > 1 ? stack.IndexOf(true) : covering == 1 ? ids[stack.IndexOf(true)] : 0, merged.Ids[pixel]);
        }
    });

    [Fact]
    public void Nothing_refined_leaves_the_proposal_as_it_is() => Property(scene =>
    {
        var objects = scene.Objects.Select(entry => new ObjectMasks(entry.Id, entry.Mask, null)).ToList();
        Assert.Equal(scene.Proposal.Ids, RefinementPolicy.Merge(RefinementGate.IouBest(), scene.Proposal, objects, scene.Probability).Ids);
        Assert.Equal(scene.Proposal.Ids, RefinementPolicy.Merge(RefinementGate.HqTrack, scene.Proposal, objects, scene.Probability).Ids);
    });

    [Theory]
    [InlineData(99, 640, 360, true)]
    [InlineData(100, 640, 360, false)]
    [InlineData(224, 960, 540, true)]
    [InlineData(225, 540, 960, false)]
    public void Tiny_is_sixteen_cells_of_the_decoders_grid(int area, int width, int height, bool expected) =>
        Assert.Equal(expected, RefinementPolicy.IsTiny(area, width, height, 256));

    [Theory]
    [InlineData("hqtrack", "hqtrack", 0.1)]
    [InlineData("always", "always", 0)]
    [InlineData("iou-best", "iou-best:0.59", 0.59)]
    [InlineData("iou-best:0.7", "iou-best:0.7", 0.7)]
    public void Gates_are_parsed(string text, string expected, double threshold)
    {
        var gate = RefinementGate.Parse(text);
        Assert.Equal((expected, threshold), (gate.ToString(), gate.Threshold));
    }

    [Theory]
    [InlineData("every", "every", 7, 0.99, true)]
    [InlineData("every:5", "every:5", 5, 0.99, true)]
    [InlineData("every:5", "every:5", 7, 0.1, false)]
    [InlineData("uncertain", "uncertain:0.9", 7, 0.89, true)]
    [InlineData("uncertain:0.5", "uncertain:0.5", 7, 0.5, false)]
    public void Schedules_are_parsed(string text, string expected, int frame, double confidence, bool isDue)
    {
        var schedule = RefinementSchedule.Parse(text);
        Assert.Equal(expected, schedule.ToString());
        Assert.Equal(isDue, schedule.IsFrameDue(frame) && schedule.IsObjectDue(confidence));
    }

    [Theory]
    [InlineData("hqtrack:0.2")]
    [InlineData("iou-best:2")]
    [InlineData("iou-best:NaN")]
    [InlineData("iou-best:")]
    [InlineData("best")]
    [InlineData("")]
    public void A_gate_that_is_none_is_one_line(string text) =>
        Assert.DoesNotContain('\n', Assert.Throws<ArgumentException>(() => RefinementGate.Parse(text)).Message);

    [Theory]
    [InlineData("every:0")]
    [InlineData("every:-1")]
    [InlineData("every:2.5")]
    [InlineData("uncertain:1.5")]
    [InlineData("sometimes")]
    public void A_schedule_that_is_none_is_one_line(string text) =>
        Assert.DoesNotContain('\n', Assert.Throws<ArgumentException>(() => RefinementSchedule.Parse(text)).Message);

    private static IEnumerable<RefinementGate> Gates(Scene scene) => [RefinementGate.HqTrack, RefinementGate.Always, RefinementGate.IouBest(), RefinementGate.IouBest(scene.Threshold)];

    private static (LabelMap Merged, List<ObjectMasks> Masks) Merge(Scene scene, RefinementGate gate)
    {
        var masks = scene.Objects.Select(entry =>
        {
            var decision = RefinementPolicy.Choose(gate, entry.Mask, entry.Candidates);
            return new ObjectMasks(entry.Id, entry.Mask, decision.IsKept ? entry.Candidates[decision.Index].Mask : null);
        }).ToList();
        return (RefinementPolicy.Merge(gate, scene.Proposal, masks, scene.Probability), masks);
    }

    private static void Property(Action<Scene> check) =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue).Select(seed => new Scene(seed))), check).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    /// <summary>Blobs as objects (ids with gaps, sometimes without background), shifted and grown blobs as candidates.</summary>
    private sealed class Scene
    {
        private readonly int salt;

        public Scene(int seed)
        {
            salt = seed;
            var random = new Random(seed);
            Threshold = random.NextDouble();
            Proposal = new LabelMap(Width, Height);
            if (random.Next(4) == 0)
            {
                Array.Fill(Proposal.Ids, (byte)1);
            }

            var blobs = new Dictionary<int, (double X, double Y, double R)>();
            for (var i = 0; i < random.Next(6); i++)
            {
                var id = random.Next(1, 9);
                blobs[id] = (random.NextDouble() * Width, random.NextDouble() * Height, 1 + (random.NextDouble() * 7));
                foreach (var pixel in Blob(blobs[id]).Pixels())
                {
                    Proposal.Ids[pixel] = (byte)id;
                }
            }

            foreach (var (id, mask) in BinaryMask.PerId(Proposal))
            {
                var (x, y, r) = blobs.GetValueOrDefault(id, (Width / 2, Height / 2, 12));
                var candidates = Enumerable.Range(0, random.Next(1, 5)).Select(_ => new RefinementCandidate(
                    Blob((x + (random.NextDouble() * 6) - 3, y + (random.NextDouble() * 6) - 3, r + (random.NextDouble() * 4) - 2)), random.Next(5) / 4f)).ToList();
                Objects.Add((id, mask, candidates));
            }
        }

        public double Threshold { get; }

        public LabelMap Proposal { get; }

        public List<(int Id, BinaryMask Mask, List<RefinementCandidate> Candidates)> Objects { get; } = [];

        /// <summary>Any function does; few levels, so that ties happen.</summary>
        public float Probability(int id, int x, int y) => ((unchecked((uint)((id * 31) + (x * 7) + (y * 13) + salt) * 2654435761) >> 13) & 3) / 4f;

        private static BinaryMask Blob((double X, double Y, double R) blob)
        {
            var values = new byte[Width * Height];
            for (var i = 0; i < values.Length; i++)
            {
                double dx = (i % Width) - blob.X, dy = (i / Width) - blob.Y;
                values[i] = (dx * dx) + (dy * dy) <= blob.R * Math.Abs(blob.R) ? (byte)1 : (byte)0;
            }

            return BinaryMask.NotZero(values, Width, Height);
        }

        public override string ToString() => $"scene of seed {salt}";
    }
}
