using HqTrack.Runtime;
using HqTrack.Training.Data;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training.Vmos;

/// <summary>What a segmenter's run needs to know.</summary>
internal sealed record VmosTrainingOptions
{
    /// <summary>Network to train, a name of the catalogue.</summary>
    public required string Model { get; init; }

    /// <summary>Folder with training material (<see cref="TrainingData.Open"/>).</summary>
    public required string Data { get; init; }

    /// <summary>Folder of the run; a run in it is continued.</summary>
    public required string Output { get; init; }

    /// <summary>Numbers of the run.</summary>
    public required TrainingRecipe Recipe { get; init; }

    /// <summary>Weights to start from: a name of the catalogue or a file; of a file with nothing but an encoder, only that. Null starts at random.</summary>
    public string? Init { get; init; }

    /// <summary>Threads of the tensor library; null takes every core.</summary>
    public int? Threads { get; init; }

    /// <summary>Threads that prepare clips.</summary>
    public int LoaderThreads { get; init; } = 1;

    /// <summary>Device, as <see cref="TorchDevice.Parse"/> reads it.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Steps between two lines of the log.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>Time between two checkpoints.</summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromMinutes(3);
}

/// <summary>Sets a segmenter's training run up, new or continued.</summary>
internal static class VmosTraining
{
    /// <summary>Trains to the end of the recipe or until cancelled.</summary>
    /// <returns>Whether the run is finished.</returns>
    /// <exception cref="TrainingException">The run in the output folder has another recipe, or the loss is not finite.</exception>
    public static bool Run(VmosTrainingOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        NativeRuntime.EnsureLoaded();
        options.Recipe.Validate();
        set_num_threads(options.Threads ?? Environment.ProcessorCount);
        var config = VmosConfig.All.FirstOrDefault(entry => entry.Name == options.Model)
            ?? throw new TrainingException($"model '{options.Model}' is not known; expected one of {string.Join(", ", VmosConfig.All.Select(entry => entry.Name))}.");
        var source = TrainingData.Open(options.Data).CreateSource(options.Recipe.Mix, new PictureCache(), new SceneClipSource());
        var device = TorchDevice.Parse(options.Device);
        manual_seed((long)options.Recipe.Seed);
        var network = new VmosNetwork(config);
        if (options.Init is not null)
        {
            LoadInit(network, options.Init);
        }

        network.to(device);
        var trainerOptions = new TrainerOptions(options.Output, options.Model) { SaveEvery = options.SaveEvery, LogEvery = options.LogEvery };
        var resumes = File.Exists(trainerOptions.CheckpointPath);
        var position = resumes ? TrainingCheckpoint.Read(trainerOptions.CheckpointPath).Position : 0;
        using var task = new VmosTask(network, options.Recipe, source, position, options.LoaderThreads, device);
        using var trainer = new Trainer(task, options.Recipe, trainerOptions);
        if (resumes)
        {
            trainer.Resume();
        }

        return trainer.Run(progress, cancellation);
    }

    /// <summary>Loads start weights: a whole network's, or those of an encoder alone.</summary>
    internal static void LoadInit(VmosNetwork network, string init)
    {
        using var scope = NewDisposeScope();
        if (!File.Exists(init) && ModelCatalog.List().All(entry => entry.Name != init))
        {
            throw new WeightsMissingException($"--init '{init}' is neither a file nor a model; expected a weights file or a name of 'hqtrack models list', check the path.");
        }

        using var file = File.Exists(init) ? WeightsFile.Open(init) : ModelCatalog.Resolve(init, null);
        var tensors = file.Load();
        if (tensors.Keys.Any(key => key.StartsWith("LSTT.", StringComparison.Ordinal)))
        {
            StateDictLoader.Load(network, tensors, file.Name);
            return;
        }

        // An encoder's own file has its keys without the network's prefix, and perhaps a head that is of no use here.
        const string Prefix = "encoder.";
        var wanted = network.Encoder.state_dict().Keys.ToHashSet(StringComparer.Ordinal);
        var encoder = tensors
            .Select(entry => KeyValuePair.Create(entry.Key.StartsWith(Prefix, StringComparison.Ordinal) ? entry.Key[Prefix.Length..] : entry.Key, entry.Value))
            .Where(entry => wanted.Contains(entry.Key))
            .ToDictionary(StringComparer.Ordinal);
        if (encoder.Count == 0)
        {
            throw new CheckpointFormatException($"{file.Name}: found no key of the encoder of '{network.Config.Name}' (such as {wanted.First()}); expected weights of the whole network or of its encoder.");
        }

        StateDictLoader.Load(network.Encoder, encoder, file.Name, allowMissing: true);
    }
}
