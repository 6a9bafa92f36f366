using HqTrack.Training.Data;
using HqTrack.Vmos;
using TorchSharp;

namespace HqTrack.Training.Vmos;

/// <summary>What a segmenter's run needs to know.</summary>
internal sealed record VmosTrainingOptions : TrainingRunOptions
{
    /// <summary>Network to train, a name of the catalogue.</summary>
    public required string Model { get; init; }

    /// <summary>Numbers of the run.</summary>
    public required TrainingRecipe Recipe { get; init; }
}

/// <summary>Sets a segmenter's training run up, new or continued.</summary>
internal static class VmosTraining
{
    /// <summary>Trains to the end of the recipe or until cancelled.</summary>
    /// <returns>Whether the run is finished.</returns>
    /// <exception cref="TrainingException">The model is not known, the run in the output folder has another recipe, or the loss is not finite.</exception>
    public static bool Run(VmosTrainingOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        var config = VmosConfig.All.FirstOrDefault(entry => entry.Name == options.Model)
            ?? throw new TrainingException($"model '{options.Model}' is not known; expected one of {string.Join(", ", VmosConfig.All.Select(entry => entry.Name))}.");
        var source = TrainingData.Open(options.Data).CreateSource(options.Recipe.Mix, new PictureCache(), new SceneClipSource());
        return TrainingRun.Run(
            options, options.Model, options.Recipe,
            (device, position) =>
            {
                var network = new VmosNetwork(config);
                if (options.Init is { } init)
                {
                    StartWeights.Load(network, config.Name, "LSTT.", network.Encoder, init, allowMissing: true);
                }

                network.to(device);
                return new VmosTask(network, options.Recipe, source, position, options.LoaderThreads, device);
            },
            progress, cancellation);
    }
}
