using System.Text.Json;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos;

/// <summary>The published engine, frame by frame: logits, labels fed back, and how many positions the long-term memory holds.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("vmos/engine_*")]
public sealed class VmosEngineGoldenTests : IDisposable
{
    private const double NetworkTolerance = 2e-4;

    private readonly VmosNetwork network = Create();

    public static TheoryData<string> Cases => Goldens.Cases("vmos/engine_*");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tracked_frames_match(string file)
    {
        using var golden = SafetensorsFile.Open(Goldens.Find(file));
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var settings = network.Config with
        {
            LongTermGap = int.Parse(golden.Metadata["long_term_mem_gap"]),
            ShortTermSkip = int.Parse(golden.Metadata["short_term_mem_skip"]),
        };
        var objects = int.Parse(golden.Metadata["objects"]);
        var tokens = JsonSerializer.Deserialize<long[][]>(golden.Metadata["long_term_tokens_after_frame"])!;
        using var engine = new VmosEngine(network, settings, CPU);
        var frames = Safetensors.LoadTensor(golden, "frames");
        int height = (int)frames.size(2), width = (int)frames.size(3), compared = 0;
        using (var features = network.EncodeImage(frames.narrow(0, 0, 1)))
        {
            engine.AddReference(features, Labels(golden, "reference_mask", width, height), [.. Enumerable.Range(1, objects)]);
        }

        var labelsAgree = true; // a differing label changes the memory, and with it every later logit
        for (var t = 1; t < frames.size(0); t++)
        {
            using var features = network.EncodeImage(frames.narrow(0, t, 1));
            var groups = engine.Propagate(features, new StageTimes());
            if (labelsAgree && golden.Names.Contains($"logits{t}"))
            {
                var expected = Safetensors.LoadTensor(golden, $"logits{t}").narrow(1, 0, objects + 1);
                Assert.InRange(FillRule.RelativeError(Merged(groups), expected), 0, NetworkTolerance);
                compared++;
            }

            var decoded = LabelDecoder.Decode(groups, width, height).Labels;
            var label = Labels(golden, $"label{t}", width, height);
            var equal = decoded.Ids.Zip(label.Ids).Count(pair => pair.First == pair.Second);
            Assert.InRange((double)equal / label.Ids.Length, 0.999, 1);
            labelsAgree &= equal == label.Ids.Length;
            engine.Remember(decoded);
            Assert.Equal(tokens[t - 1], engine.LongTermPositions);
        }

        Assert.True(compared > 0, $"{file}: no frame's logits were compared");
    }

    public void Dispose() => network.Dispose();

    // Soft aggregation as published (AOT): the logit of every probability, the background's the product of the groups'.
    private static Tensor Merged(IReadOnlyList<GroupLogits> groups)
    {
        if (groups.Count == 1)
        {
            return groups[0].Logits;
        }

        var probabilities = groups.Select(group => softmax(group.Logits, 1)).ToArray();
        var background = probabilities.Select(p => p.narrow(1, 0, 1)).Aggregate((a, b) => a * b);
        return cat([background, .. probabilities.Select(p => p.narrow(1, 1, p.size(1) - 1))], 1).clamp(1e-5, 1 - 1e-5).logit();
    }

    private static VmosNetwork Create()
    {
        NativeRuntime.EnsureLoaded();
        var network = new VmosNetwork(VmosConfig.HqTrack);
        FillRule.Apply(network);
        network.eval();
        return network;
    }

    private static LabelMap Labels(SafetensorsFile file, string name, int width, int height) => new(file.Bytes(name), width, height);
}
