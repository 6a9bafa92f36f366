using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Media;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Weights;

/// <summary>Imported weights: fit, are what was recorded, and stay so.</summary>
[Collection("torch")]
public sealed class ModelStoreTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly ModelStore store;

    public ModelStoreTests()
    {
        NativeRuntime.EnsureLoaded();
        store = new(folder["store"]);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Imported_weights_are_those_of_the_file(bool legacy)
    {
        using var network = new VmosNetwork(VmosConfig.Lite);
        store.Import(Save("a.pth", network, legacy), "lite", replace: false, TimeProvider.System);
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        using var weights = store.Open("lite", TimeProvider.System);
        var expected = network.state_dict();
        var read = weights.Load();
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), weights.Names);
        Assert.All(expected, entry => Assert.Equal(0, (entry.Value - read[entry.Key]).abs().sum().item<float>()));
        var record = store.Record("lite")!;
        Assert.Equal(("a.pth", ModelStore.Hash(folder["a.pth"]), ModelStore.Hash(store.PathOf("lite"))), (record.Source, record.SourceSha256, record.Sha256));
        Assert.Equal("a.pth", weights.Metadata["source"]);
    }

    [Fact]
    public void Another_file_for_the_same_model_needs_consent()
    {
        using var first = new VmosNetwork(VmosConfig.Lite);
        using var second = new VmosNetwork(VmosConfig.Lite);
        store.Import(Save("a.pth", first), "lite", replace: false, TimeProvider.System);
        store.Import(folder["a.pth"], "lite", replace: false, TimeProvider.System);
        Save("b.pth", second);
        var refusal = Assert.Throws<CheckpointFormatException>(() => store.Import(folder["b.pth"], "lite", replace: false, TimeProvider.System));
        Assert.Contains(ModelStore.Hash(folder["a.pth"]), refusal.Message, StringComparison.Ordinal);
        store.Import(folder["b.pth"], "lite", replace: true, TimeProvider.System);
        Assert.Equal("b.pth", store.Record("lite")!.Source);
    }

    [Fact]
    public void Weights_of_another_model_leave_the_store_as_it_was()
    {
        using var network = new VmosNetwork(VmosConfig.DeaotT);
        Save("t.pth", network);
        var refusal = Assert.Throws<CheckpointMismatchException>(() => store.Import(folder["t.pth"], "deaot-s", replace: false, TimeProvider.System));
        Assert.NotEmpty(refusal.Missing);
        Assert.False(store.Has("deaot-s"));
        Assert.Null(store.Record("deaot-s"));
    }

    [Fact]
    public void A_changed_file_is_refused()
    {
        using var network = new VmosNetwork(VmosConfig.Lite);
        store.Import(Save("a.pth", network), "lite", replace: false, TimeProvider.System);
        var bytes = File.ReadAllBytes(store.PathOf("lite"));
        bytes[^5] ^= 1;
        File.WriteAllBytes(store.PathOf("lite"), bytes);
        var refusal = Assert.Throws<CheckpointFormatException>(() => store.Open("lite", TimeProvider.System).Dispose());
        Assert.Contains("was changed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_put_there_by_hand_are_recorded_at_first_use()
    {
        var time = new DateTimeOffset(2024, 2, 3, 4, 5, 6, TimeSpan.Zero);
        using var values = ones(3);
        Safetensors.Save(store.PathOf("lite"), [new("w", values)]);
        Assert.Null(store.Record("lite"));
        store.Open("lite", new FixedTime(time)).Dispose();
        Assert.Equal(new StoredModel(ModelStore.Hash(store.PathOf("lite")), new FileInfo(store.PathOf("lite")).Length, time), store.Record("lite"));
        Safetensors.Save(store.PathOf("lite"), [new("v", values)]);
        Assert.Throws<CheckpointFormatException>(() => store.Open("lite", TimeProvider.System).Dispose());
        File.WriteAllText(Path.ChangeExtension(store.PathOf("lite"), ".json"), "{}");
        Assert.Contains("record", Assert.Throws<CheckpointFormatException>(() => store.Open("lite", TimeProvider.System).Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Conversion_changes_the_type_and_says_what_does_not_fit()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        TorchFileWriter.Save(folder["a.pth"], [new("w", linspace(-2, 2, 50)), new("n", tensor(3L)), new("big", tensor(1e6f))], part: "model");
        using var weights = WeightsFile.Open(folder["a.pth"]);
        var result = WeightsConversion.Write(weights, folder["b.safetensors"], "bfloat16");
        Assert.Equal(("torch zip", "model", 3, 52L), (result.Format, result.Part, result.Tensors, result.Elements));
        using var read = SafetensorsFile.Open(folder["b.safetensors"]);
        Assert.Equal(("BF16", "I64", "model"), (read.DType("w"), read.DType("n"), read.Metadata["part"]));
        var refusal = Assert.Throws<CheckpointFormatException>(() => WeightsConversion.Write(weights, folder["c.safetensors"], "float16"));
        Assert.Contains("'big'", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["c.safetensors"]));
    }

    private string Save(string name, VmosNetwork network, bool legacy = false)
    {
        using var scope = NewDisposeScope();
        TorchFileWriter.Save(folder[name], [.. network.state_dict().Select(entry => KeyValuePair.Create($"module.{entry.Key}", entry.Value.detach()))], legacy, "state_dict");
        return folder[name];
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
