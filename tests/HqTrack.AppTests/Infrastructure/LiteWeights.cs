using HqTrack.Runtime;
using HqTrack.Vmos;
using HqTrack.Weights;
using static TorchSharp.torch;

namespace HqTrack.AppTests.Infrastructure;

/// <summary>A weights file of the lite network as it is after construction: enough for everything but good masks.</summary>
public sealed class LiteWeights : IDisposable
{
    private readonly Tests.Media.TempFolder folder = new();

    public LiteWeights()
    {
        NativeRuntime.EnsureLoaded();
        random.manual_seed(1);
        using var network = new VmosNetwork(VmosConfig.Lite);
        Safetensors.Save(Path, network.state_dict(), storage: ScalarType.Float16);
    }

    /// <summary>The file.</summary>
    public string Path => folder["lite.safetensors"];

    public void Dispose() => folder.Dispose();
}
