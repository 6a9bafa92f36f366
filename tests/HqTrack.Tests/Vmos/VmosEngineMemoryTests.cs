using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos;

/// <summary>A long video costs no more than a short one: tensors and, over a thousand frames, memory stay where they were.</summary>
[Collection("torch")]
public sealed class VmosEngineMemoryTests : IDisposable
{
    private const int Side = 65;

    private readonly VmosNetwork network = Create();

    [Fact]
    public void The_number_of_tensors_is_constant_once_the_memory_is_full()
    {
        var tensors = new List<long>();
        Track(20, _ => tensors.Add(Tensor.TotalCount));
        Assert.Single(tensors.Skip(8).Distinct());
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public void A_thousand_frames_take_as_much_memory_as_three_hundred()
    {
        var megabytes = new List<double>();
        var tensors = new List<long>();
        Track(1000, _ =>
        {
            megabytes.Add(NativeMemory.InUseMegabytes());
            tensors.Add(Tensor.TotalCount);
        });
        Assert.Single(tensors.Skip(50).Distinct());
        var hundreds = megabytes.Chunk(100).Select(part => part.Average()).ToArray();
        TestContext.Current.SendDiagnosticMessage($"native memory in MB, by hundreds of frames: {string.Join(' ', hundreds.Select(mean => $"{mean:0}"))}");
        Assert.InRange(hundreds[^1] - hundreds[2], double.NegativeInfinity, 4);
    }

    public void Dispose() => network.Dispose();

    private static VmosNetwork Create()
    {
        NativeRuntime.EnsureLoaded();
        var network = new VmosNetwork(VmosConfig.HqTrack);
        FillRule.Apply(network);
        network.PrepareForInference();
        return network;
    }

    private void Track(int frames, Action<int> afterFrame)
    {
        using var leaks = new LeakCheck();
        using var mode = inference_mode();
        using var engine = new VmosEngine(network, network.Config with { LongTermGap = 1 }, CPU);
        var labels = new LabelMap(Side, Side);
        labels.Ids.AsSpan(10 * Side, 20 * Side).Fill(1);
        for (var t = 0; t <= frames; t++)
        {
            using var scope = NewDisposeScope();
            using var features = network.EncodeImage(FillRule.Input($"frame{t % 7}", [1, 3, Side, Side]));
            if (t == 0)
            {
                engine.AddReference(features, labels, [1]);
                continue;
            }

            engine.Remember(LabelDecoder.Decode(engine.Propagate(features, new StageTimes()), Side, Side).Labels);
            Assert.InRange(engine.LongTermCount, 2, 6);
            afterFrame(t);
        }
    }
}
