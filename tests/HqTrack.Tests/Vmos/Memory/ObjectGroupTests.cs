using System.Text.Json.Nodes;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;
using HqTrack.Vmos.Memory;
using HqTrack.Vmos.Propagation;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos.Memory;

/// <summary>Which frames the long-term memory holds when.</summary>
[Collection("torch")]
public sealed class ObjectGroupTests
{
    private static readonly VmosConfig Config = VmosConfig.Lite with { LongTermGap = 5, LongTermBound = 3 };

    public ObjectGroupTests() => NativeRuntime.EnsureLoaded();

    [Fact]
    public void Every_gap_frames_one_stays_and_the_oldest_but_the_reference_goes()
    {
        using var leaks = new LeakCheck();
        using var group = Start(Config);
        string[] expected = ["0", "0", "0", "0", "0 5", "0 5", "0 5", "0 5", "0 5", "0 5 10", "0 5 10", "0 5 10", "0 5 10", "0 5 10", "0 10 15"];
        Assert.Equal(expected, Follow(group, 1, 15));
    }

    [Fact]
    public void A_correction_stays_and_replaces_what_was_remembered_of_its_frame()
    {
        using var leaks = new LeakCheck();
        using var group = Start(Config);
        Follow(group, 1, 10);
        group.Correct(Frame(100)); // frame 10 again, with better labels
        Assert.Equal("0 5 100", Held(group));
        Assert.Equal(["0 5 100", "0 5 100", "0 5 100", "0 5 100", "0 15 100"], Follow(group, 11, 5));
        Follow(group, 16, 1);
        group.Correct(Frame(160)); // frame 16 was not remembered
        Assert.Equal("0 100 160", Held(group));
        Assert.Equal("0 21 100 160", Follow(group, 17, 5)[^1]);
    }

    [Fact]
    public void A_restored_group_goes_on_as_the_saved_one()
    {
        using var scope = NewDisposeScope();
        using var group = Start(Config);
        Follow(group, 1, 12);
        var tensors = new Dictionary<string, Tensor>();
        var state = JsonNode.Parse(group.Save(tensors, "g").ToJsonString())!;
        using var restored = ObjectGroup.Restore(Config, state, tensors, "g");
        Assert.Equal(Follow(group, 13, 9), Follow(restored, 13, 9));
    }

    [Fact]
    public void A_group_that_another_version_of_the_network_saved_is_refused()
    {
        using var scope = NewDisposeScope();
        using var group = Start(Config);
        var tensors = new Dictionary<string, Tensor>();
        var state = JsonNode.Parse(group.Save(tensors, "g").ToJsonString())!;
        state["long"]!.AsArray().RemoveAt(1);
        var error = Assert.Throws<CheckpointFormatException>(() => ObjectGroup.Restore(Config, state, tensors, "g"));
        Assert.Contains("found memories of 1 parts of the network, expected 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_target_model_is_fitted_anew_when_a_frame_is_stored()
    {
        using var leaks = new LeakCheck();
        using var group = Start(Config);
        using var scope = NewDisposeScope();
        var fits = new List<string>();
        Tensor Fit(IReadOnlyList<LayerMemory> longTerm)
        {
            fits.Add(Held(group));
            return longTerm[^1].Key.mean();
        }

        for (var t = 1; t <= 11; t++)
        {
            group.Remember(Frame(t));
            Assert.Equal(group.LongTerm()[^1].Key.mean().item<float>(), group.Target(Fit)!.item<float>());
        }

        group.Correct(Frame(100));
        Assert.Equal((0 + 10 + 100) / 3f, group.Target(Fit)!.item<float>(), 1e-4f);
        Assert.Equal(["0", "0 5", "0 5 10", "0 10 100"], fits);
    }

    private static ObjectGroup Start(VmosConfig config)
    {
        var group = new ObjectGroup(config, [1]);
        group.SetReference(Frame(0));
        return group;
    }

    private static string[] Follow(ObjectGroup group, int first, int count) => [.. Enumerable.Range(first, count).Select(t =>
    {
        group.Remember(Frame(t));
        return Held(group);
    })];

    private static FrameMemory Frame(int number)
    {
        var layers = Enumerable.Range(0, Config.Memories).Select(_ => new LayerMemory(full([1, 4, 2], (float)number), full([1, 4, 3], (float)number)));
        return new FrameMemory([.. layers], null).Detach();
    }

    // The numbers of the frames held, each seen in all of its slot's numbers.
    private static string Held(ObjectGroup group)
    {
        using var scope = NewDisposeScope();
        var (keys, values) = (group.LongTerm()[0].Key[0].to(ScalarType.Int32), group.LongTerm()[0].Value[0].to(ScalarType.Int32));
        var frames = Enumerable.Range(0, group.LongTermCount).Select(slot => keys[slot * 4, 0].item<int>()).ToArray();
        Assert.All(frames, (frame, slot) => Assert.True(keys.narrow(0, slot * 4, 4).eq(frame).all().item<bool>() && values.narrow(0, slot * 4, 4).eq(frame).all().item<bool>()));
        return string.Join(' ', frames.Order());
    }
}
