using HqTrack.Refiner.Sam;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner;

/// <summary>Loads networks of the SAM family by name.</summary>
internal static class RefinerModel
{
    /// <summary>The name that stands for no refiner.</summary>
    public const string Off = "off";

    /// <summary>Every name, "off" first.</summary>
    public static IReadOnlyList<string> Names { get; } = [Off, .. SamConfig.All.Select(config => config.Name)];

    /// <summary>The config of a name.</summary>
    /// <exception cref="ArgumentException">The name is not known, or is "off".</exception>
    public static SamConfig Config(string name) => SamConfig.All.FirstOrDefault(config => config.Name == name)
        ?? throw new ArgumentException($"refiner '{name}' is not known; expected one of {string.Join(", ", SamConfig.All.Select(config => config.Name))}.", nameof(name));

    /// <summary>Builds a network and loads its weights, ready for inference. Belongs on the thread that will own it.</summary>
    /// <exception cref="CheckpointMismatchException">The weights belong to another network.</exception>
    public static SamNetwork Load(SamConfig config, WeightsFile weights, Device device)
    {
        var network = new SamNetwork(config);
        try
        {
            StateDictLoader.Load(network, weights);
            network.to(device);
            network.PrepareForInference();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
