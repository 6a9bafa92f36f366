using HqTrack.Refiner.Sam;
using HqTrack.Training.Data;
using TorchSharp;

namespace HqTrack.Training.Refiner;

/// <summary>What a mask refiner's run needs to know.</summary>
internal sealed record RefinerTrainingOptions : TrainingRunOptions
{
    /// <summary>Network to train.</summary>
    public string Model { get; init; } = SamConfig.Lite.Name;

    /// <summary>Numbers of the run.</summary>
    public required RefinerRecipe Recipe { get; init; }
}

/// <summary>Sets a mask refiner's training run up, new or continued.</summary>
internal static class RefinerTraining
{
    // Long sides of 512, and windows around small objects, are then reached without enlarging most pictures by much.
    private const int ShortSide = 480;

    /// <summary>Trains to the end of the recipe or until cancelled.</summary>
    /// <returns>Whether the run is finished.</returns>
    /// <exception cref="TrainingException">The run in the output folder has another recipe, the model cannot be trained, or the loss is not finite.</exception>
    public static bool Run(RefinerTrainingOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        var config = SamConfig.All.FirstOrDefault(entry => entry.Name == options.Model)
            ?? throw new TrainingException($"model '{options.Model}' is not known; expected {SamConfig.Lite.Name}.");
        var source = TrainingData.Open(options.Data).CreateImageSource(options.Recipe.Mix, new PictureCache(maxShortSide: ShortSide), new SceneClipSource(), options.Recipe.Zoom);
        return TrainingRun.Run(
            options, options.Model, options.Recipe,
            (device, position) =>
            {
                var network = new SamNetwork(config with { ImageSize = options.Recipe.Size });
                if (options.Init is { } init)
                {
                    LoadInit(network, init);
                }

                network.to(device);
                return new RefinerTask(network, options.Recipe, source, position, options.LoaderThreads, device);
            },
            progress, cancellation);
    }

    /// <summary>Loads start weights: a whole network's, or, of the light encoder, those of its MobileNetV2 alone.</summary>
    internal static void LoadInit(SamNetwork network, string init) =>
        StartWeights.Load(network, network.Config.Name, "mask_decoder.", network.ImageEncoder is LiteEncoder lite ? lite.Trunk : network.ImageEncoder, init);
}
