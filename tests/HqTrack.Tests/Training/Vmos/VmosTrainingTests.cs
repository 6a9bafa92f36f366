using System.Diagnostics;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Training.Data;
using HqTrack.Training;
using HqTrack.Training.Data;
using HqTrack.Training.Vmos;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Training.Vmos;

/// <summary>The segmenter's trainer on small clips: it learns, it resumes exactly, it stops on what cannot go on.</summary>
[Collection("torch")]
public sealed class VmosTrainingTests : IDisposable
{
    private readonly SmallDataFolder data = new();
    private readonly string output = Directory.CreateTempSubdirectory("hqtrack-run-").FullName;

    public void Dispose()
    {
        data.Dispose();
        Directory.Delete(output, recursive: true);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(1, 5)]
    public void Run_stopped_at_any_step_and_resumed_gives_the_same_weights(int threads, int stopAt)
    {
        var recipe = Small(steps: 8);
        var whole = Path.Combine(output, "whole");
        var parts = Path.Combine(output, "parts");
        Assert.True(Train(Options(recipe, whole, threads)));
        using var stop = new CancellationTokenSource();
        Assert.False(Train(Options(recipe, parts, threads, logEvery: 1), new StopAt(stopAt, stop), stop.Token));
        Assert.Equal(stopAt, TrainingCheckpoint.Read(Path.Combine(parts, "checkpoint.safetensors")).Step);
        Assert.True(Train(Options(recipe, parts, threads)));
        Assert.Equal(0, Difference(whole, parts));
    }

    [Fact]
    public void Resumed_run_on_two_threads_stays_within_1e5_after_5_steps()
    {
        var recipe = Small(steps: 8);
        var (whole, parts) = (Path.Combine(output, "whole"), Path.Combine(output, "parts"));
        Assert.True(Train(Options(recipe, whole, threads: 2)));
        using var stop = new CancellationTokenSource();
        Assert.False(Train(Options(recipe, parts, threads: 2, logEvery: 1), new StopAt(3, stop), stop.Token));
        Assert.True(Train(Options(recipe, parts, threads: 2)));
        Assert.InRange(Difference(whole, parts), 0, 1e-5);
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public void Published_network_is_trained_resumed_and_fine_tuned()
    {
        var recipe = TrainingRecipe.Video(2) with { Phases = [new(1, 65, 4, 1)], Mix = new(Scenes: 0), FeedbackFrom = 0, FeedbackTo = 0 };
        var options = Options(recipe, Path.Combine(output, "whole"), threads: 1, logEvery: 1) with { Model = "hqtrack" };
        using var stop = new CancellationTokenSource();
        Assert.False(Train(options, new StopAt(1, stop), stop.Token));
        Assert.True(Train(options)); // the heads that are only kept have no gradient and no moments
        var lines = TrainingLog.Read(Path.Combine(options.Output, "log.jsonl"));
        Assert.Equal([1, 2], lines.Select(line => line.Step));
        Assert.All(lines, line => Assert.InRange(line.GradientNorm, 0.01, 1000));
        var start = Path.Combine(options.Output, "hqtrack.safetensors");
        Assert.True(Train(options with { Output = Path.Combine(output, "tuned"), Init = start }));
    }

    [Fact]
    public void Run_with_another_recipe_is_not_taken_up()
    {
        var recipe = Small(steps: 2);
        Assert.True(Train(Options(recipe, output, threads: 1)));
        var error = Assert.Throws<TrainingException>(() => Train(Options(recipe with { Rate = 1e-3 }, output, threads: 1)));
        Assert.Contains("rate was 0.0005, now 0.001", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Log_weights_and_curves_are_written()
    {
        Assert.True(Train(Options(Small(steps: 3), output, threads: 1)));
        var line = Assert.Single(TrainingLog.Read(Path.Combine(output, "log.jsonl")));
        Assert.Equal(3, line.Step);
        Assert.InRange(line.Loss, 0.01, 5);
        Assert.InRange(line.NetworkShare, 0, 1);
        Assert.StartsWith("<?xml", File.ReadAllText(Path.Combine(output, "curves.svg")), StringComparison.Ordinal);
        using var weights = SafetensorsFile.Open(Path.Combine(output, "lite.safetensors"));
        Assert.All(weights.Names, name => Assert.Equal("F16", weights.DType(name)));
    }

    [Fact]
    public void A_run_with_too_little_time_passes_over_steps_and_ends_at_the_lowest_rate()
    {
        var options = Options(Small(steps: 100_000), output, threads: 1) with { TimeLimit = TimeSpan.FromSeconds(3) };
        var start = Stopwatch.StartNew();
        Assert.True(Train(options));
        Assert.InRange(start.Elapsed.TotalSeconds, 3, 60);
        var last = TrainingLog.Read(Path.Combine(output, "log.jsonl")).Last();
        Assert.Equal(100_000, last.Step);
        var state = TrainingCheckpoint.Read(Path.Combine(output, "checkpoint.safetensors"));
        Assert.InRange(state.Position, 2, 20_000); // far fewer clips than steps
        Assert.InRange(last.Rate, 0, 1e-4);
    }

    [Fact]
    public void Loss_that_is_not_finite_stops_with_step_and_batch()
    {
        using var network = new VmosNetwork(VmosConfig.Lite);
        using (no_grad())
        {
            var bias = network.get_parameter("decoder.conv_out.bias");
            bias!.fill_(float.NaN);
        }

        var recipe = Small(steps: 3);
        using var task = new VmosTask(network, recipe, Source(), 0, 0, CPU);
        using var trainer = new Trainer(task, recipe, new TrainerOptions(output, "lite"));
        var error = Assert.Throws<TrainingException>(() => trainer.Run(cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("step 0 (clips 0 to 1 of seed 1)", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(output, "checkpoint.safetensors")));
    }

    [Fact]
    public void Start_weights_that_are_nowhere_are_one_line()
    {
        var error = Assert.Throws<WeightsMissingException>(() => Train(Options(Small(steps: 1), output, threads: 1) with { Init = "nowhere" }));
        Assert.Contains("'nowhere' is neither a file nor a model", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Output_folder_that_is_a_file_is_one_line()
    {
        var file = Path.Combine(output, "file");
        File.WriteAllText(file, "mine");
        var error = Assert.Throws<TrainingException>(() => Train(Options(Small(steps: 1), file, threads: 1)));
        Assert.Contains("choose another --output", error.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(file));
    }

    [Fact]
    public void Log_beyond_the_checkpoint_is_dropped()
    {
        var path = Path.Combine(output, "log.jsonl");
        using (var log = new TrainingLog(path, 0))
        {
            for (var step = 10; step <= 30; step += 10)
            {
                log.Add(new(step, step, 1, 1, 1, 1, 1));
            }
        }

        File.AppendAllText(path, "{\"step\":40,"); // cut short by a kill
        using (var log = new TrainingLog(path, 20))
        {
            log.Add(new(30, 31, 1, 1, 1, 1, 1));
        }

        Assert.Equal([10, 20, 31], TrainingLog.Read(path).Select(line => line.Seconds));
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        var recipe = Small(steps: 6);
        using var network = new VmosNetwork(VmosConfig.Lite);
        using var task = new VmosTask(network, recipe, Source(), 0, 0, CPU);
        using var trainer = new Trainer(task, recipe, new TrainerOptions(output, "lite") { LogEvery = 1 });
        var alive = new List<long>();
        trainer.Run(new Direct(_ =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            alive.Add(torch.Tensor.TotalCount);
        }), TestContext.Current.CancellationToken);
        Assert.Equal(alive[1], alive[^1]);
    }

    private static bool Train(VmosTrainingOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken? cancellation = null) =>
        VmosTraining.Run(options, progress, cancellation ?? TestContext.Current.CancellationToken);

    private VmosTrainingOptions Options(TrainingRecipe recipe, string folder, int threads, int logEvery = 10) =>
        new() { Model = "lite", Data = data.Root, Output = folder, Recipe = recipe, Threads = threads, LoaderThreads = 1, LogEvery = logEvery };

    private IClipSource Source() => TrainingData.Open(data.Root).CreateSource(new ClipMix(Scenes: 0), new PictureCache());

    private static TrainingRecipe Small(long steps) => TrainingRecipe.Mixed(steps) with { Phases = [new(0.5, 49, 3, 2), new(0.5, 65, 4, 2)], Mix = new(Scenes: 0) };

    // Largest difference of any weight, moment or average of two runs.
    private static double Difference(string first, string second)
    {
        using var scope = NewDisposeScope();
        using var a = SafetensorsFile.Open(Path.Combine(first, "checkpoint.safetensors"));
        using var b = SafetensorsFile.Open(Path.Combine(second, "checkpoint.safetensors"));
        Assert.Equal(a.Names, b.Names);
        return a.Names.Max(name => (Safetensors.LoadTensor(a, name) - Safetensors.LoadTensor(b, name)).abs().max().item<float>());
    }

    private sealed class Direct(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }

    // Cancels after a step; with a line of the log per step.
    private sealed class StopAt(int step, CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Line.Step >= step)
            {
                stop.Cancel();
            }
        }
    }
}
