using System.Runtime.InteropServices;
using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Tests.Infrastructure;
using HqTrack.Weights;

namespace HqTrack.Tests.Refiner;

/// <summary>HQTrack's own refinement, recorded from the release with stubs for tracker and SAM: boxes, choice, IoU, merged labels, all exactly.</summary>
[Trait("Category", "Golden")]
[ReadsGoldens("hqsam/refine.safetensors")]
[ReadsGoldens("hqsam/iou.safetensors")]
public sealed class RefinementGoldenTests
{
    private const int Cases = 21;

    [Fact]
    public void All_cases_match()
    {
        using var golden = new SlicedGolden("hqsam/refine.safetensors");
        var names = golden.Names.Where(name => name.EndsWith(".output", StringComparison.Ordinal)).Select(name => name.Split('.')[0]).ToList();
        Assert.Equal(Cases, names.Count);
        Assert.All(names, name => Check(golden, name));
    }

    [Fact]
    public void Iou_of_pairs_is_the_same_float()
    {
        using var golden = new SlicedGolden("hqsam/iou.safetensors");
        var pairs = golden.Names.Where(name => name.EndsWith(".pred", StringComparison.Ordinal) && golden.Shape(name).Length == 2).Select(name => name.Split('.')[0]).ToList();
        Assert.Equal(9, pairs.Count);
        foreach (var name in pairs)
        {
            int height = (int)golden.Shape($"{name}.pred")[0], width = (int)golden.Shape($"{name}.pred")[1];
            var (pred, target) = (BinaryMask.NotZero(golden.Bytes($"{name}.pred"), width, height), BinaryMask.NotZero(golden.Bytes($"{name}.target"), width, height));
            Assert.Equal(Floats(golden, $"{name}.iou")[0], pred.Iou(target));
        }
    }

    [Fact]
    public void Iou_of_several_objects_is_their_mean()
    {
        using var golden = new SlicedGolden("hqsam/iou.safetensors");
        var (pred, target) = (Samples("pred"), Samples("target"));
        float Mean(int sample, int objects)
        {
            var sum = 0f;
            for (var id = 1; id <= objects; id++)
            {
                sum += Of(pred[sample], id).Iou(Of(target[sample], id));
            }

            return sum / objects;
        }

        Assert.Equal(Floats(golden, "multi.iou")[0], (Mean(0, 4) + Mean(1, 2)) / 2, 1e-6f); // a sample without objects does not count
        Assert.Equal(Floats(golden, "per_sample.iou"), new[] { Mean(0, 4), Mean(1, 4), Mean(2, 4) });

        List<LabelMap> Samples(string name)
        {
            var values = MemoryMarshal.Cast<byte, long>(golden.Bytes($"multi.{name}")).ToArray();
            return [.. values.Chunk(12 * 14).Select(ids => new LabelMap([.. ids.Select(id => (byte)id)], 14, 12))];
        }

        static BinaryMask Of(LabelMap labels, int id) => BinaryMask.NotZero([.. labels.Ids.Select(value => value == id ? (byte)1 : (byte)0)], labels.Width, labels.Height);
    }

    [Fact]
    public void First_masks_are_fitted_and_summed_as_in_the_release()
    {
        using var golden = new SlicedGolden("hqsam/refine.safetensors");
        for (var i = 0; i < 4; i++)
        {
            var shape = golden.Shape($"make_full_size{i}.in");
            var fitted = MaskCanvas.Fit(new LabelMap(golden.Bytes($"make_full_size{i}.in"), (int)shape[1], (int)shape[0]), 10, 8);
            Assert.Equal(golden.Bytes($"make_full_size{i}.out"), fitted.Ids);
        }

        var masks = golden.Bytes("init_merge.objects").Chunk(24 * 32).Select(mask => BinaryMask.NotZero(mask, 32, 24)).ToList();
        Assert.Equal(golden.Bytes("init_merge.label"), MaskCanvas.SumOfIds(masks).Ids);
    }

    private static void Check(SlicedGolden golden, string name)
    {
        var info = golden.Json(name);
        int height = info.GetProperty("mask_size")[0].GetInt32(), width = info.GetProperty("mask_size")[1].GetInt32();
        var shape = golden.Shape($"{name}.label");
        var proposal = new LabelMap(golden.Bytes($"{name}.label"), (int)shape[1], (int)shape[0]).Resize(width, height);
        Assert.Equal(0.1, info.GetProperty("threshold").GetDouble());
        if (!info.GetProperty("sam_refine").GetBoolean())
        {
            Assert.Equal(golden.Bytes($"{name}.output"), proposal.Ids);
            return;
        }

        var proposals = BinaryMask.PerId(proposal);
        Assert.Equal(info.GetProperty("objects_refined").EnumerateArray().Select(id => id.GetInt32()), proposals.Keys);
        var fellBack = info.GetProperty("fell_back_to_tracker_mask").EnumerateArray().Select(value => value.GetBoolean()).ToArray();
        var objects = new List<ObjectMasks>();
        foreach (var (id, mask) in proposals)
        {
            var k = objects.Count;
            var candidates = Candidates(golden, name, k, width, height);
            var decision = RefinementPolicy.Choose(RefinementGate.HqTrack, mask, candidates);
            var box = MaskRefiner.BoxAround(mask);
            Assert.Equal(Floats(golden, $"{name}.boxes").AsSpan(k * 4, 4).ToArray(), new[] { (float)box.Left, (float)box.Top, (float)box.Right, (float)box.Bottom });
            Assert.Equal(MemoryMarshal.Cast<byte, long>(golden.Bytes($"{name}.selected"))[k], decision.Index);
            Assert.Equal(Floats(golden, $"{name}.iou")[k], decision.MeasuredIou);
            Assert.Equal(fellBack[k], !decision.IsKept);
            objects.Add(new(id, mask, decision.IsKept ? candidates[decision.Index].Mask : null));
        }

        var merged = RefinementPolicy.Merge(RefinementGate.HqTrack, proposal, objects, (_, _, _) => throw new InvalidOperationException("the release does not ask for probabilities"));
        Assert.Equal(golden.Bytes($"{name}.output"), merged.Ids);
    }

    private static List<RefinementCandidate> Candidates(SlicedGolden golden, string name, int k, int width, int height)
    {
        var scores = Floats(golden, $"{name}.score{k}");
        return [.. golden.Bytes($"{name}.cand{k}").Chunk(width * height).Select((mask, i) => new RefinementCandidate(BinaryMask.NotZero(mask, width, height), scores[i]))];
    }

    private static float[] Floats(SlicedGolden golden, string name) => MemoryMarshal.Cast<byte, float>(golden.Bytes(name)).ToArray();
}
