using System.Diagnostics;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Media;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Weights;

/// <summary>Checkpoints of the published VMOS's keys and shapes, with random numbers.</summary>
[Collection("torch")]
public sealed class PublishedShapeTests(PublishedShapeTests.Published published) : IClassFixture<PublishedShapeTests.Published>, IDisposable
{
    private const int Keys = 957;
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(3);

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_in_three_seconds_and_run(bool legacy)
    {
        var path = Save(legacy, key => key, (_, tensor) => tensor);
        HqTracker? loaded = null;
        var elapsed = Time(() => loaded = HqTracker.Load("hqtrack", new() { WeightsPath = path, Refiner = "off" }));
        TestContext.Current.SendDiagnosticMessage($"{Keys} keys, {new FileInfo(path).Length / 1e6:0} MB, {(legacy ? "legacy" : "zip")}: {elapsed}");
        using (var tracker = loaded!)
        {
            using var session = tracker.StartSession();
            var first = session.Add(Draw(0, out var labels), Prompt.Mask(labels));
            Assert.Equal([1], first.Labels.ObjectIds());
            var second = session.Track(Draw(1, out _));
            Assert.Equal((64, 48), (second.Labels.Width, second.Labels.Height));
        }

        Assert.True(elapsed < Slowest, $"{elapsed.TotalSeconds:0.00} s");
    }

    [Fact]
    public void A_key_renamed_and_one_transposed_are_both_named()
    {
        const string Renamed = "encoder.levels.0.blocks.0.dcn.offset.bias";
        const string Transposed = "encoder.levels.1.blocks.0.mlp.fc1.weight";
        var path = Save(
            legacy: false,
            key => key == Renamed ? "encoder.levels.0.blocks.0.dcn.offsets.bias" : key,
            (key, tensor) => (key == Transposed ? tensor.t() : tensor).to(ScalarType.Float16).contiguous());
        using var leaks = new LeakCheck();
        using var weights = WeightsFile.Open(path);
        Assert.Equal(Keys, weights.Names.Count);
        var error = Assert.Throws<CheckpointMismatchException>(() => StateDictLoader.Load(published.Network, weights));
        Assert.Equal([Renamed], error.Missing);
        Assert.Equal(["encoder.levels.0.blocks.0.dcn.offsets.bias"], error.Unexpected);
        Assert.StartsWith(Transposed, Assert.Single(error.WrongShape), StringComparison.Ordinal);
        Assert.All([Renamed, "dcn.offsets.bias", Transposed], text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
    }

    private string Save(bool legacy, Func<string, string> rename, Func<string, Tensor, Tensor> change)
    {
        using var scope = NewDisposeScope();
        var tensors = published.Network.state_dict().Select(entry => KeyValuePair.Create(rename(entry.Key), change(entry.Key, entry.Value.detach()))).ToList();
        TorchFileWriter.Save(folder["published.pth"], tensors, legacy, "state_dict");
        return folder["published.pth"];
    }

    // The clock or this process's processor time, whichever is shorter: the machine may be busy with others.
    private static TimeSpan Time(Action action)
    {
        var clock = Stopwatch.StartNew();
        var used = Environment.CpuUsage.TotalTime;
        action();
        used = Environment.CpuUsage.TotalTime - used;
        return used < clock.Elapsed ? used : clock.Elapsed;
    }

    private static Frame Draw(int index, out LabelMap labels)
    {
        const int Width = 64, Height = 48;
        var rgb = new byte[Width * Height * 3];
        labels = new LabelMap(Width, Height);
        for (var i = 0; i < Width * Height; i++)
        {
            var isInside = i % Width is > 10 and < 30 && i / Width is > 10 and < 30;
            labels.Ids[i] = (byte)(isInside ? 1 : 0);
            rgb.AsSpan(3 * i, 3).Fill((byte)(isInside ? 200 : 60));
        }

        return new(rgb, Width, Height, index);
    }

    /// <summary>The network as it is after construction.</summary>
    public sealed class Published : IDisposable
    {
        public Published()
        {
            NativeRuntime.EnsureLoaded();
            random.manual_seed(1);
            Network = new(VmosConfig.HqTrack);
        }

        internal VmosNetwork Network { get; }

        public void Dispose() => Network.Dispose();
    }
}
