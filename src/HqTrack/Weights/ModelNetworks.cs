using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Vmos;
using static TorchSharp.torch;

namespace HqTrack.Weights;

/// <summary>Makes the network of a catalogue name, to compare weights with it.</summary>
internal static class ModelNetworks
{
    /// <summary>A network with weights as after construction.</summary>
    /// <exception cref="WeightsMissingException">The name is in the catalogue, but this version has no network for it.</exception>
    public static nn.Module Create(string name)
    {
        NativeRuntime.EnsureLoaded();
        return VmosConfig.All.FirstOrDefault(config => config.Name == name) is { } vmos ? new VmosNetwork(vmos)
            : SamConfig.All.FirstOrDefault(config => config.Name == name) is { } sam ? new SamNetwork(sam)
            : throw new WeightsMissingException($"model '{name}' has no network in this version; update hqtrack or choose another of 'hqtrack models list'.");
    }
}
