using System.Diagnostics;
using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using HqTrack.Weights;
using static TorchSharp.torch;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>
/// The image encoder of a mask refiner against the time of its convolutions and matrix products alone (<see cref="SamEncoderWork"/>), and its decoder with
/// 1 and 10 boxes, measured in turns in the same process.
/// </summary>
internal static class RefinerBenchmark
{
    private const int Seed = 1;
    private const int ManyBoxes = 10;

    /// <summary>Measures.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="progress">Told after every round.</param>
    /// <param name="cancellationToken">Ends the run between two parts.</param>
    public static RefinerBenchmarkResult Run(RefinerBenchmarkOptions options, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        NativeRuntime.EnsureLoaded();
        using var inference = new InferenceThread();
        return inference.Run(() =>
        {
            set_num_threads(options.Threads ?? Environment.ProcessorCount);
            using var network = Load(RefinerModel.Config(options.Refiner), options.WeightsPath, out var source);
            using var mode = inference_mode();
            return Measure(network, source, options, progress, cancellationToken);
        });
    }

    private static RefinerBenchmarkResult Measure(
        SamNetwork network, string source, RefinerBenchmarkOptions options, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        using var predictor = new SamPredictor(network, CPU);
        var random = new Random(Seed);
        var rgb = new byte[options.Width * options.Height * 3];
        random.NextBytes(rgb);
        var frame = new Frame(rgb, options.Width, options.Height);
        var boxes = Enumerable.Range(0, ManyBoxes).Select(_ => RandomBox(options, random)).ToArray();
        double Timed(Action run)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            run();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        double Encode() => Timed(() => predictor.SetImage(frame));
        double Decode(int count) => Timed(() =>
        {
            foreach (var batch in boxes.Take(count).Chunk(MaskRefiner.BatchSize))
            {
                MaskRefiner.Candidates(predictor, batch, MaskChoice.Multiple);
            }
        });
        Encode();
        Decode(ManyBoxes);
        var peak = ProcessMemory.PeakMegabytes();
        var work = SamEncoderWork.Of(network);
        double[] encoder = new double[options.Repeat], one = new double[options.Repeat], many = new double[options.Repeat];
        var floors = work.Keys.ToDictionary(operation => operation, _ => new double[options.Repeat]);
        for (var i = 0; i < options.Repeat; i++)
        {
            encoder[i] = Encode();
            one[i] = Decode(1);
            many[i] = Decode(ManyBoxes);
            foreach (var (operation, samples) in floors)
            {
                cancellationToken.ThrowIfCancellationRequested();
                samples[i] = operation.Measure(runs: 1);
            }

            progress?.Report(i + 1);
        }

        return new(
            options.Refiner, source, network.Config.ImageSize, get_num_threads(), Median(encoder), work.Sum(entry => entry.Value * Median(floors[entry.Key])),
            work.Sum(entry => entry.Value * entry.Key.Flops) / 1e9, Median(one), Median(many), peak);
    }

    private static SamNetwork Load(SamConfig config, string? weightsPath, out string source)
    {
        try
        {
            using var weights = ModelCatalog.Resolve(config.Name, weightsPath);
            source = weights.Name;
            return RefinerModel.Load(config, weights, CPU);
        }
        catch (WeightsMissingException) when (weightsPath is null)
        {
            source = "random";
            manual_seed(Seed);
            var network = new SamNetwork(config);
            network.PrepareForInference();
            return network;
        }
    }

    private static Corners RandomBox(RefinerBenchmarkOptions options, Random random)
    {
        int width = random.Next(options.Width / 10, options.Width / 2), height = random.Next(options.Height / 10, options.Height / 2);
        int left = random.Next(options.Width - width), top = random.Next(options.Height - height);
        return new(left, top, left + width, top + height);
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}

/// <summary>What to measure.</summary>
internal sealed class RefinerBenchmarkOptions
{
    /// <summary>A refiner's name.</summary>
    public required string Refiner { get; init; }

    /// <summary>Weights file; null takes imported ones, or seeded random ones where there are none.</summary>
    public string? WeightsPath { get; init; }

    /// <summary>Width of the frame in pixels (default 854).</summary>
    public int Width { get; init; } = 854;

    /// <summary>Height of the frame in pixels (default 480).</summary>
    public int Height { get; init; } = 480;

    /// <summary>Rounds, 1 or more (default 3).</summary>
    public int Repeat { get; init; } = 3;

    /// <summary>Threads of the tensor library; null takes every core.</summary>
    public int? Threads { get; init; }
}

/// <summary>What was measured.</summary>
/// <param name="Refiner">The refiner's name.</param>
/// <param name="Weights">Where the weights come from; "random" where none are imported.</param>
/// <param name="ImageSize">Side of the square that the encoder sees.</param>
/// <param name="Threads">Threads of the tensor library.</param>
/// <param name="EncoderMs">Median time from the frame's pixels to what the decoder reads.</param>
/// <param name="FloorMs">Time of the encoder's convolutions and matrix products alone, each in its best layout, medians.</param>
/// <param name="FloorGflop">Their work, in 10^9 operations.</param>
/// <param name="DecoderMs1">Median time from one box to its mask at the frame's size.</param>
/// <param name="DecoderMs10">The same for ten boxes.</param>
/// <param name="PeakMemoryMb">Most memory of the process before the floor was measured, in MB of 2^20 bytes.</param>
internal sealed record RefinerBenchmarkResult(
    string Refiner,
    string Weights,
    int ImageSize,
    int Threads,
    double EncoderMs,
    double FloorMs,
    double FloorGflop,
    [property: System.Text.Json.Serialization.JsonPropertyName("decoder_ms_1")] double DecoderMs1,
    [property: System.Text.Json.Serialization.JsonPropertyName("decoder_ms_10")] double DecoderMs10,
    double PeakMemoryMb)
{
    /// <summary>Encoder over floor.</summary>
    public double Ratio => EncoderMs / FloorMs;

    /// <summary>A frame with ten boxes over one with a single box, encoder included.</summary>
    public double TenOverOne => (EncoderMs + DecoderMs10) / (EncoderMs + DecoderMs1);
}
