using System.Text.Json;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos;

/// <summary>The single-scale baselines against aot-benchmark: keys, encoder features, four tracked frames.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("deaot/*")]
public sealed class DeaotGoldenTests
{
    private const double NetworkTolerance = 2e-4;

    [Theory]
    [InlineData("deaott", "deaot-t")]
    [InlineData("r50_deaotl", "r50-deaot-l")]
    public void Keys_and_shapes_are_the_published_ones(string file, string config)
    {
        using var keys = JsonDocument.Parse(File.ReadAllText(Goldens.Find($"deaot/{file}.keys.json")));
        using var network = Create(config);
        using var leaks = new LeakCheck();
        var published = keys.RootElement.EnumerateObject()
            .ToDictionary(entry => entry.Name, entry => string.Join(',', entry.Value.EnumerateArray().Select(side => side.GetInt64())));
        using var scope = NewDisposeScope();
        var ours = network.state_dict().ToDictionary(entry => entry.Key, entry => string.Join(',', entry.Value.shape));
        Assert.Equal(published.OrderBy(entry => entry.Key, StringComparer.Ordinal), ours.OrderBy(entry => entry.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("deaott", "deaot-t")]
    [InlineData("r50_deaotl", "r50-deaot-l")]
    public void Encoder_features_match(string file, string config)
    {
        using var golden = SafetensorsFile.Open(Goldens.Find($"deaot/{file}.safetensors"));
        using var network = Create(config);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var features = network.EncodeImage(Safetensors.LoadTensor(golden, "frames").narrow(0, 0, 1));
        Tensor[] maps = [features.S4, features.S8, features.S16, features.Projected];
        for (var i = 0; i < maps.Length; i++)
        {
            var expected = Safetensors.LoadTensor(golden, $"feature{i}");
            var stride = maps[i].size(1) / expected.size(1); // "channels ::4 when large"
            var actual = maps[i].index_select(1, arange(0, maps[i].size(1), stride));
            Assert.InRange(FillRule.RelativeError(actual, expected), 0, NetworkTolerance);
        }
    }

    [Theory]
    [InlineData("deaott", "deaot-t")]
    [InlineData("r50_deaotl", "r50-deaot-l")]
    public void Four_tracked_frames_match(string file, string config)
    {
        using var golden = SafetensorsFile.Open(Goldens.Find($"deaot/{file}.safetensors"));
        using var network = Create(config);
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var settings = network.Config with
        {
            LongTermGap = int.Parse(golden.Metadata["long_term_mem_gap"]),
            ShortTermSkip = int.Parse(golden.Metadata["short_term_mem_skip"]),
        };
        var objects = int.Parse(golden.Metadata["objects"]);
        using var engine = new VmosEngine(network, settings, CPU);
        var frames = Safetensors.LoadTensor(golden, "frames");
        int height = (int)frames.size(2), width = (int)frames.size(3);
        using (var features = network.EncodeImage(frames.narrow(0, 0, 1)))
        {
            engine.AddReference(features, Labels(golden, "reference_mask", width, height), [.. Enumerable.Range(1, objects)]);
        }

        for (var t = 1; t < frames.size(0); t++)
        {
            using var features = network.EncodeImage(frames.narrow(0, t, 1));
            var groups = engine.Propagate(features, new StageTimes());
            var expected = Safetensors.LoadTensor(golden, $"logits{t}");
            Assert.InRange(FillRule.RelativeError(groups[0].Logits, expected.narrow(1, 0, objects + 1)), 0, NetworkTolerance);
            Assert.Equal(-1e10f, expected.narrow(1, objects + 1, 10 - objects).max().item<float>());

            var decoded = LabelDecoder.Decode(groups, width, height).Labels;
            var label = Labels(golden, $"label{t}", width, height);
            var equal = decoded.Ids.Zip(label.Ids).Count(pair => pair.First == pair.Second);
            Assert.InRange((double)equal / label.Ids.Length, 0.999, 1);
            engine.Remember(decoded);
        }
    }

    private static VmosNetwork Create(string config)
    {
        NativeRuntime.EnsureLoaded();
        var network = new VmosNetwork(VmosConfig.All.Single(entry => entry.Name == config));
        FillRule.Apply(network);
        network.eval();
        return network;
    }

    private static LabelMap Labels(SafetensorsFile file, string name, int width, int height) => new(file.Bytes(name), width, height);
}
