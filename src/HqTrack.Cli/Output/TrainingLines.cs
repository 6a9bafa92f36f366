using HqTrack.Training;

namespace HqTrack.Cli.Output;

/// <summary>What a training run says: a line of progress per line of its log, and its end.</summary>
/// <param name="terminal">Where the lines go; null for nowhere.</param>
/// <param name="items">What a batch is made of.</param>
internal sealed class TrainingLines(Terminal? terminal, string items) : IProgress<TrainingProgress>
{
    private LogLine? last;

    public void Report(TrainingProgress value)
    {
        last = value.Line;
        terminal?.Error.WriteLine(FormattableString.Invariant(
            $"step {last.Step}/{value.Steps}  loss {last.Loss:0.0000}  gradient {last.GradientNorm:0.00}  rate {last.Rate:0.0e+0}  {last.ItemsPerSecond:0.00} {items}/s  network {last.NetworkShare:P0}  left {value.Left:d\\.hh\\:mm\\:ss}"));
    }

    /// <summary>Says that the run is finished.</summary>
    public void Report(Terminal output, bool asJson, string model, long steps, string weights)
    {
        if (asJson)
        {
            output.WriteJson(new TrainReport(model, steps, last?.Loss, last?.Seconds, weights));
        }
        else
        {
            output.Out.WriteLine($"{steps} steps done; weights: {weights}");
        }
    }
}

/// <summary>train --json.</summary>
/// <param name="Model">The network's name.</param>
/// <param name="Steps">Steps of the run.</param>
/// <param name="Loss">Mean loss of the last line of the log; null when the run was finished before.</param>
/// <param name="Seconds">Time trained in all.</param>
/// <param name="Weights">The averaged weights.</param>
internal sealed record TrainReport(string Model, long Steps, double? Loss, double? Seconds, string Weights);
