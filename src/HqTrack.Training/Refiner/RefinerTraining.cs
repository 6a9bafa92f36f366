using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Training.Data;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training.Refiner;

/// <summary>What a mask refiner's run needs to know.</summary>
internal sealed record RefinerTrainingOptions
{
    /// <summary>Network to train.</summary>
    public string Model { get; init; } = SamConfig.Lite.Name;

    /// <summary>Folder with training material (<see cref="TrainingData.Open"/>).</summary>
    public required string Data { get; init; }

    /// <summary>Folder of the run; a run in it is continued.</summary>
    public required string Output { get; init; }

    /// <summary>Numbers of the run.</summary>
    public required RefinerRecipe Recipe { get; init; }

    /// <summary>Weights to start from: a name of the catalogue or a file; of a file with nothing but a MobileNetV2, only that. Null starts at random.</summary>
    public string? Init { get; init; }

    /// <summary>Threads of the tensor library; null takes every core.</summary>
    public int? Threads { get; init; }

    /// <summary>Threads that prepare images.</summary>
    public int LoaderThreads { get; init; } = 1;

    /// <summary>Device, as <see cref="TorchDevice.Parse"/> reads it.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Steps between two lines of the log.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>Time between two checkpoints.</summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromMinutes(3);
}

/// <summary>Sets a mask refiner's training run up, new or continued.</summary>
internal static class RefinerTraining
{
    // Long sides of 512 are then reached without enlarging most pictures by much.
    private const int ShortSide = 400;

    /// <summary>Trains to the end of the recipe or until cancelled.</summary>
    /// <returns>Whether the run is finished.</returns>
    /// <exception cref="TrainingException">The run in the output folder has another recipe, the model cannot be trained, or the loss is not finite.</exception>
    public static bool Run(RefinerTrainingOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        NativeRuntime.EnsureLoaded();
        options.Recipe.Validate();
        set_num_threads(options.Threads ?? Environment.ProcessorCount);
        var config = SamConfig.All.FirstOrDefault(entry => entry.Name == options.Model)
            ?? throw new TrainingException($"model '{options.Model}' is not known; expected {SamConfig.Lite.Name}.");
        var source = TrainingData.Open(options.Data).CreateImageSource(options.Recipe.Mix, new PictureCache(maxShortSide: ShortSide), new SceneClipSource());
        var device = TorchDevice.Parse(options.Device);
        manual_seed((long)options.Recipe.Seed);
        var network = new SamNetwork(config with { ImageSize = options.Recipe.Size });
        if (options.Init is not null)
        {
            LoadInit(network, options.Init);
        }

        network.to(device);
        var trainerOptions = new TrainerOptions(options.Output, options.Model) { SaveEvery = options.SaveEvery, LogEvery = options.LogEvery };
        var resumes = File.Exists(trainerOptions.CheckpointPath);
        var position = resumes ? TrainingCheckpoint.Read(trainerOptions.CheckpointPath).Position : 0;
        using var task = new RefinerTask(network, options.Recipe, source, position, options.LoaderThreads, device);
        using var trainer = new Trainer(task, options.Recipe, trainerOptions);
        if (resumes)
        {
            trainer.Resume();
        }

        return trainer.Run(progress, cancellation);
    }

    /// <summary>Loads start weights: a whole network's, or those of a MobileNetV2 alone.</summary>
    internal static void LoadInit(SamNetwork network, string init)
    {
        using var scope = NewDisposeScope();
        if (!File.Exists(init) && ModelCatalog.List().All(entry => entry.Name != init))
        {
            throw new WeightsMissingException($"--init '{init}' is neither a file nor a model; expected a weights file or a name of 'hqtrack models list', check the path.");
        }

        using var file = File.Exists(init) ? WeightsFile.Open(init) : ModelCatalog.Resolve(init, null);
        var tensors = file.Load();
        if (tensors.Keys.Any(key => key.StartsWith("mask_decoder.", StringComparison.Ordinal)))
        {
            StateDictLoader.Load(network, tensors, file.Name);
            return;
        }

        var trunk = (network.ImageEncoder as LiteEncoder)?.Trunk
            ?? throw new CheckpointFormatException($"{file.Name}: found no key below mask_decoder.; expected weights of the whole network '{network.Config.Name}'.");
        const string Prefix = "encoder.";
        var wanted = trunk.state_dict().Keys.ToHashSet(StringComparer.Ordinal);
        var encoder = tensors
            .Select(entry => KeyValuePair.Create(entry.Key.StartsWith(Prefix, StringComparison.Ordinal) ? entry.Key[Prefix.Length..] : entry.Key, entry.Value))
            .Where(entry => wanted.Contains(entry.Key))
            .ToDictionary(StringComparer.Ordinal);
        if (encoder.Count == 0)
        {
            throw new CheckpointFormatException($"{file.Name}: found no key of '{network.Config.Name}' nor of its MobileNetV2 (such as {wanted.First()}); expected weights of one of them.");
        }

        StateDictLoader.Load(trunk, encoder, file.Name);
    }
}
