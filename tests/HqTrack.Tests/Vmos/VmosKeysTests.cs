using System.Text.Json;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos;

/// <summary>The published VMOS: its 957 keys, and that entries which no computation reads survive loading and saving.</summary>
[Collection("torch")]
[Trait("Category", "Golden")]
[ReadsGoldens("vmos/vmos_internt_msdeaotl_v2.keys.json")]
public sealed class VmosKeysTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"hqtrack-{Guid.NewGuid():N}.safetensors");

    [Fact]
    public void Keys_and_shapes_are_the_published_ones()
    {
        using var keys = JsonDocument.Parse(File.ReadAllText(Goldens.Find("vmos/vmos_internt_msdeaotl_v2.keys.json")));
        using var network = Create();
        using var leaks = new LeakCheck();
        var published = keys.RootElement.EnumerateObject()
            .ToDictionary(entry => entry.Name, entry => string.Join(',', entry.Value.EnumerateArray().Select(side => side.GetInt64())));
        using var scope = NewDisposeScope();
        var ours = network.state_dict().ToDictionary(entry => entry.Key, entry => string.Join(',', entry.Value.shape));
        Assert.Equal(957, ours.Count);
        Assert.Equal(published.OrderBy(entry => entry.Key, StringComparer.Ordinal), ours.OrderBy(entry => entry.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void Entries_that_are_not_computed_are_loaded_and_saved()
    {
        using var filled = Create();
        using var loaded = Create();
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        FillRule.Apply(filled);
        Safetensors.Save(path, filled.state_dict());
        using (var file = SafetensorsFile.Open(path))
        {
            StateDictLoader.Load(loaded, Safetensors.Load(file), "test");
        }

        Safetensors.Save(path, loaded.state_dict());
        using var saved = SafetensorsFile.Open(path);
        var expected = filled.state_dict();
        foreach (var key in new[] { "encoder.levels.2.downsample.conv.weight", "LSTT.decoder_norms.0.gn.weight", "decoder.conv_out.weight" })
        {
            Assert.True(Safetensors.LoadTensor(saved, key).eq(expected[key]).all().item<bool>(), $"{key} changed on its way through the network");
        }
    }

    public void Dispose() => File.Delete(path);

    private static VmosNetwork Create()
    {
        NativeRuntime.EnsureLoaded();
        return new VmosNetwork(VmosConfig.HqTrack);
    }
}
