using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Weights;

namespace HqTrack.AppTests.Infrastructure;

/// <summary>A weights file of the sam-lite network with arbitrary weights: enough for everything but good masks.</summary>
public sealed class SamLiteWeights : IDisposable
{
    private readonly Tests.Media.TempFolder folder = new();

    public SamLiteWeights()
    {
        NativeRuntime.EnsureLoaded();
        using var network = new SamNetwork(SamConfig.Lite);
        FillRule.Apply(network);
        Safetensors.Save(Path, network.state_dict());
    }

    /// <summary>The file.</summary>
    public string Path => folder["sam-lite.safetensors"];

    public void Dispose() => folder.Dispose();
}
