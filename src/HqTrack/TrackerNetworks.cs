using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack;

/// <summary>The two boxes of the paper's figure with their weights, on their device.</summary>
/// <param name="Segmenter">VMOS.</param>
/// <param name="Refiner">The mask refiner; null goes without.</param>
/// <param name="Device">Where both are.</param>
internal sealed record TrackerNetworks(VmosNetwork Segmenter, SamNetwork? Refiner, Device Device) : IDisposable
{
    /// <summary>Finds the weights and builds the networks, on the thread that owns them from then on.</summary>
    /// <exception cref="ArgumentException">The model or the refiner is not known.</exception>
    /// <exception cref="WeightsMissingException">There are no weights here.</exception>
    /// <exception cref="CheckpointMismatchException">The weights belong to another model.</exception>
    /// <exception cref="CheckpointFormatException">The file is damaged, or no checkpoint.</exception>
    /// <exception cref="NativeRuntimeException">libtorch or the device is not available.</exception>
    public static TrackerNetworks Load(string model, HqTrackerOptions options, InferenceThread inference)
    {
        NativeRuntime.EnsureLoaded();
        var config = VmosConfig.All.FirstOrDefault(entry => entry.Name == model)
            ?? throw new ArgumentException($"model '{model}' is not known; expected one of {string.Join(", ", VmosConfig.All.Select(entry => entry.Name))}.", nameof(model));
        var refinerConfig = options.RefinerOf(model) is not RefinerModel.Off and var name ? RefinerModel.Config(name) : null;
        using var weights = ModelCatalog.Resolve(model, options.WeightsPath);
        using var refinerWeights = refinerConfig is null ? null : ResolveRefiner(refinerConfig.Name, options.RefinerWeightsPath);
        return inference.Run(() =>
        {
            set_num_threads(options.Threads ?? Environment.ProcessorCount);
            var device = TorchDevice.Parse(options.Device);
            var segmenter = new VmosNetwork(config);
            try
            {
                StateDictLoader.Load(segmenter, weights);
                segmenter.to(device);
                segmenter.PrepareForInference();
                return new TrackerNetworks(segmenter, refinerConfig is null ? null : RefinerModel.Load(refinerConfig, refinerWeights!, device), device);
            }
            catch
            {
                segmenter.Dispose();
                throw;
            }
        });
    }

    public void Dispose()
    {
        Refiner?.Dispose();
        Segmenter.Dispose();
    }

    private static WeightsFile ResolveRefiner(string name, string? path)
    {
        try
        {
            return ModelCatalog.Resolve(name, path, "--refiner-weights");
        }
        catch (WeightsMissingException e)
        {
            throw new WeightsMissingException($"{e.Message.TrimEnd('.')}; or go without (--refiner off).");
        }
    }
}
