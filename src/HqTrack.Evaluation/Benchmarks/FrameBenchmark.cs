using System.Diagnostics;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Vmos;
using HqTrack.Vmos.Encoders;
using HqTrack.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>
/// One frame of a multi-scale network with a full memory, against the time of its convolutions and matrix products alone
/// (<see cref="FrameWork"/>), measured in turns in the same process.
/// </summary>
internal static class FrameBenchmark
{
    private const int Seed = 1;

    /// <summary>Measures.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="progress">Told after every frame and every pass over the floor.</param>
    /// <param name="cancellationToken">Ends the run between two frames.</param>
    /// <exception cref="ArgumentException">The model propagates at one scale only.</exception>
    public static FrameBenchmarkResult Run(FrameBenchmarkOptions options, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        var config = VmosConfig.All.Single(entry => entry.Name == options.Model);
        if (config.FineDims is null)
        {
            throw new ArgumentException($"bench frame knows the work of the multi-scale models only, not of '{options.Model}'; use bench track for it.");
        }

        NativeRuntime.EnsureLoaded();
        using var inference = new InferenceThread();
        return inference.Run(() =>
        {
            set_num_threads(options.Threads ?? Environment.ProcessorCount);
            using var network = Load(config, options.WeightsPath, out var source);
            using var mode = inference_mode();
            return Measure(network, source, options, progress, cancellationToken);
        });
    }

    private static FrameBenchmarkResult Measure(
        VmosNetwork network, string source, FrameBenchmarkOptions options, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        // A memory of one frame is the reference alone; a larger one takes every frame until it is full.
        var config = options.Memory == 1
            ? network.Config with { LongTermGap = int.MaxValue }
            : network.Config with { LongTermGap = 1, LongTermBound = options.Memory };
        using var tracker = new VmosTracker(network, config, CPU);
        var random = new Random(Seed);
        var done = 0;
        var times = new StageTimes();
        tracker.AddReference(RandomFrame(options, random), Stripes(options), [.. Enumerable.Range(1, options.Objects)], times);
        double Track()
        {
            cancellationToken.ThrowIfCancellationRequested();
            var frame = RandomFrame(options, random);
            var start = Stopwatch.GetTimestamp();
            tracker.Track(frame, times);
            progress?.Report(++done);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        for (var i = 0; i < Math.Max(options.Memory, 2); i++)
        {
            Track();
        }

        var peak = ProcessMemory.PeakMegabytes();
        var size = InputSize.For(config.Resize, options.Width, options.Height);
        var work = FrameWork.Of(network, size.Width, size.Height, options.Memory);
        var frames = new double[options.Repeat];
        var floors = work.Keys.ToDictionary(operation => operation, _ => new double[options.Repeat]);
        times = new StageTimes();
        for (var i = 0; i < options.Repeat; i++)
        {
            frames[i] = Track();
            foreach (var (operation, samples) in floors)
            {
                cancellationToken.ThrowIfCancellationRequested();
                samples[i] = operation.Measure(runs: 1);
            }

            progress?.Report(++done);
        }

        double frame = Median(frames), floor = work.Sum(entry => entry.Value * Median(floors[entry.Key]));
        return new(
            options.Model, source, size.Width, size.Height, options.Memory, options.Objects, get_num_threads(), frame, floor,
            work.Sum(entry => entry.Value * entry.Key.Flops) / 1e9, peak,
            times.Total.ToDictionary(stage => stage.Key, stage => stage.Value.TotalMilliseconds / options.Repeat, StringComparer.Ordinal));
    }

    private static VmosNetwork Load(VmosConfig config, string? weightsPath, out string source)
    {
        manual_seed(Seed);
        var network = new VmosNetwork(config);
        try
        {
            using var weights = ModelCatalog.Resolve(config.Name, weightsPath);
            StateDictLoader.Load(network, weights);
            source = weights.Name;
        }
        catch (WeightsMissingException) when (weightsPath is null)
        {
            // Untrained offsets are all zero, which is easier on the caches than what a trained network samples.
            foreach (var dcn in network.modules().OfType<DeformableConvolution>())
            {
                dcn.ScatterOffsets();
            }

            source = "random";
        }
        catch
        {
            network.Dispose();
            throw;
        }

        network.PrepareForInference();
        return network;
    }

    private static Frame RandomFrame(FrameBenchmarkOptions options, Random random)
    {
        var rgb = new byte[options.Width * options.Height * 3];
        random.NextBytes(rgb);
        return new(rgb, options.Width, options.Height);
    }

    // Objects side by side, each as high as the frame.
    private static LabelMap Stripes(FrameBenchmarkOptions options)
    {
        var labels = new LabelMap(options.Width, options.Height);
        for (var i = 0; i < labels.Ids.Length; i++)
        {
            labels.Ids[i] = (byte)(i % options.Width * (options.Objects + 1) / options.Width);
        }

        return labels;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}

/// <summary>What to measure.</summary>
internal sealed class FrameBenchmarkOptions
{
    /// <summary>A multi-scale model's name.</summary>
    public required string Model { get; init; }

    /// <summary>Weights file; null takes imported ones, or seeded random ones where there are none.</summary>
    public string? WeightsPath { get; init; }

    /// <summary>Width of the frames in pixels (default 849).</summary>
    public int Width { get; init; } = 849;

    /// <summary>Height of the frames in pixels (default 481).</summary>
    public int Height { get; init; } = 481;

    /// <summary>Frames in the long-term memory, 1 or more (default 6).</summary>
    public int Memory { get; init; } = 6;

    /// <summary>Objects, 1 to 10 (default 3); they share one engine.</summary>
    public int Objects { get; init; } = 3;

    /// <summary>Frames measured, 1 or more (default 5).</summary>
    public int Repeat { get; init; } = 5;

    /// <summary>Threads of the tensor library; null takes every core.</summary>
    public int? Threads { get; init; }
}

/// <summary>What was measured.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Weights">Where the weights come from; "random" where none are imported.</param>
/// <param name="Width">Width the network sees, in pixels.</param>
/// <param name="Height">Height the network sees, in pixels.</param>
/// <param name="Memory">Frames in the long-term memory.</param>
/// <param name="Objects">Objects tracked.</param>
/// <param name="Threads">Threads of the tensor library.</param>
/// <param name="FrameMs">Median time of a frame, from its pixels to its label map in memory.</param>
/// <param name="FloorMs">Time of the frame's convolutions and matrix products alone, each in its best layout, medians.</param>
/// <param name="FloorGflop">Their work, in 10^9 operations.</param>
/// <param name="PeakMemoryMb">Most memory of the process before the floor was measured, in MB of 2^20 bytes.</param>
/// <param name="Stages">Mean time per frame and stage in ms.</param>
internal sealed record FrameBenchmarkResult(
    string Model, string Weights, int Width, int Height, int Memory, int Objects, int Threads, double FrameMs, double FloorMs, double FloorGflop, double PeakMemoryMb,
    IReadOnlyDictionary<string, double> Stages)
{
    /// <summary>Frame over floor.</summary>
    public double Ratio => FrameMs / FloorMs;
}
