using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training;

/// <summary>What every run needs to know, whatever it trains.</summary>
internal abstract record TrainingRunOptions
{
    /// <summary>Folder with training material (<see cref="Data.TrainingData.Open"/>).</summary>
    public required string Data { get; init; }

    /// <summary>Folder of the run; a run in it is continued.</summary>
    public required string Output { get; init; }

    /// <summary>Weights to start from: a name of the catalogue or a file; of a file with nothing but an encoder, only that. Null starts at random.</summary>
    public string? Init { get; init; }

    /// <summary>Threads of the tensor library; null takes every core.</summary>
    public int? Threads { get; init; }

    /// <summary>Threads that prepare clips or images.</summary>
    public int LoaderThreads { get; init; } = 1;

    /// <summary>Device, as <see cref="TorchDevice.Parse"/> reads it.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Steps between two lines of the log.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>Time of the whole run (<see cref="TrainerOptions.TimeLimit"/>); null takes every step.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Time between two checkpoints.</summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromMinutes(3);
}

/// <summary>Sets a training run up, new or continued, and runs it.</summary>
internal static class TrainingRun
{
    /// <summary>Trains to the end of the recipe or until cancelled.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="model">The network's name.</param>
    /// <param name="recipe">Numbers of the run.</param>
    /// <param name="create">Makes the task on a device, its data at a position; called once the seed is set.</param>
    /// <param name="progress">Told of every line of the log.</param>
    /// <param name="cancellation">Saves and ends the run.</param>
    /// <returns>Whether the run is finished.</returns>
    /// <exception cref="TrainingException">The run in the output folder has another recipe, or the loss is not finite.</exception>
    public static bool Run(
        TrainingRunOptions options, string model, RunRecipe recipe, Func<Device, long, ITrainingTask> create, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        NativeRuntime.EnsureLoaded();
        recipe.Validate();
        set_num_threads(options.Threads ?? Environment.ProcessorCount);
        var device = TorchDevice.Parse(options.Device);
        var trainerOptions = new TrainerOptions(options.Output, model) { SaveEvery = options.SaveEvery, LogEvery = options.LogEvery, TimeLimit = options.TimeLimit };
        var resumes = File.Exists(trainerOptions.CheckpointPath);
        var position = resumes ? TrainingCheckpoint.Read(trainerOptions.CheckpointPath).Position : 0;
        manual_seed((long)recipe.Seed);
        using var task = create(device, position);
        using var trainer = new Trainer(task, recipe, trainerOptions);
        if (resumes)
        {
            trainer.Resume();
        }

        return trainer.Run(progress, cancellation);
    }
}
