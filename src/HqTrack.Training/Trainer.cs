using System.Diagnostics;
using HqTrack.Media;
using HqTrack.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Training;

/// <summary>
/// Takes a task's steps: gradient, clipping, AdamW, moving average; logs, saves, resumes. Runs on the caller's thread, which must be
/// the one that made the network.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private readonly ITrainingTask task;
    private readonly RunRecipe recipe;
    private readonly TrainerOptions options;
    private readonly Optimizer optimizer;
    private readonly ExponentialMovingAverage average;
    private readonly LearningRate schedule;
    private readonly string recipeText;
    private long step;
    private double secondsBefore;

    /// <summary>Makes a run that starts at step 0; <see cref="Resume"/> continues a saved one.</summary>
    /// <param name="task">What is trained; not disposed here.</param>
    /// <param name="recipe">Numbers of the run.</param>
    /// <param name="options">Folder and intervals.</param>
    public Trainer(ITrainingTask task, RunRecipe recipe, TrainerOptions options)
    {
        recipe.Validate();
        (this.task, this.recipe, this.options) = (task, recipe, options);
        schedule = recipe.LearningRate;
        var parameters = ParameterGroups.Of(task.Network, recipe.WeightDecay);
        optimizer = new Optimizer(parameters);
        average = new ExponentialMovingAverage(parameters, 1 - (1 / Math.Max(1, recipe.Steps * recipe.EmaShare)));
        recipeText = RecipeText.Of(recipe, options.Model);
        MakeFolder(options.Folder);
    }

    /// <summary>Steps done.</summary>
    public long Step => step;

    /// <summary>Takes up the folder's checkpoint. The task must have been made for its <see cref="RunState.Position"/>.</summary>
    /// <exception cref="TrainingException">The checkpoint belongs to another recipe; the difference is named.</exception>
    public void Resume()
    {
        var state = TrainingCheckpoint.Read(options.CheckpointPath);
        if (RecipeText.Difference(state.Recipe, recipeText) is { } difference)
        {
            throw new TrainingException($"{options.CheckpointPath} is a run with another recipe ({difference}); repeat its options to go on, or choose another --output.");
        }

        TrainingCheckpoint.Restore(options.CheckpointPath, task.Network, optimizer, average);
        (step, secondsBefore) = (state.Step, state.Seconds);
    }

    /// <summary>Trains to the end of the recipe or until cancelled; saves in both cases.</summary>
    /// <returns>Whether the run is finished.</returns>
    /// <exception cref="TrainingException">Loss or gradient is not finite; the checkpoint before stays.</exception>
    public bool Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var log = new TrainingLog(options.LogPath, step);
        var start = Stopwatch.GetTimestamp();
        var meter = new StepMeter();
        var saved = start;
        double Seconds() => secondsBefore + Stopwatch.GetElapsedTime(start).TotalSeconds;
        try
        {
            while (step < recipe.Steps)
            {
                cancellation.ThrowIfCancellationRequested();
                var before = step;
                Take(meter, cancellation);
                PassOver(Seconds());
                if (step / options.LogEvery > before / options.LogEvery || step == recipe.Steps)
                {
                    var line = meter.Line(step, Seconds(), schedule.At(step - 1));
                    log.Add(line);
                    progress?.Report(new(line, recipe.Steps));
                }

                if (Stopwatch.GetElapsedTime(saved) > options.SaveEvery)
                {
                    Save(Seconds(), log);
                    saved = Stopwatch.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Fall through to the save: the step at hand was not taken.
        }

        Save(Seconds(), log);
        secondsBefore = Seconds();
        return step >= recipe.Steps;
    }

    public void Dispose()
    {
        optimizer.Dispose();
        average.Dispose();
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.RemoveLeftovers(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"the folder '{folder}' cannot be made ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); expected a folder or nothing there, choose another --output.", e);
        }
    }

    private void Take(StepMeter meter, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var data = task.DataTime;
        using var scope = NewDisposeScope();
        optimizer.ZeroGradients();
        var loss = task.Forward(step, cancellation);
        var value = loss.Value.item<float>();
        loss.Value.backward();
        var norm = optimizer.ClipGradients(recipe.ClipNorm);
        if (!float.IsFinite(value) || !double.IsFinite(norm))
        {
            throw new TrainingException(FormattableString.Invariant(
                $"step {step} ({loss.Batch}): loss {value}, gradient norm {norm}, expected finite numbers; lower --rate; the last checkpoint stays."));
        }

        optimizer.Step(key => schedule.At(step, key), key => task.IsFrozen(step, key));
        average.Update();
        step++;
        meter.Add(value, norm, loss.Items, Stopwatch.GetElapsedTime(start), task.DataTime - data);
    }

    private void PassOver(double seconds)
    {
        if (options.TimeLimit is { } limit)
        {
            step = Math.Clamp((long)(seconds / limit.TotalSeconds * recipe.Steps), step, recipe.Steps);
        }
    }

    private void Save(double seconds, TrainingLog log)
    {
        TrainingCheckpoint.Save(options.CheckpointPath, task.Network, optimizer, average, new(step, task.Position, seconds, recipeText));
        TrainingCheckpoint.SaveWeights(options.WeightsPath, task.Network, average, new Dictionary<string, string>
        {
            ["model"] = options.Model, ["step"] = FormattableString.Invariant($"{step} of {recipe.Steps}"),
        });
        CurveChart.Write(options.CurvesPath, log.Lines);
    }
}
