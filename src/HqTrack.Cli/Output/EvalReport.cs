using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Davis;

namespace HqTrack.Cli.Output;

/// <summary>eval davis --json; scores are fractions.</summary>
/// <param name="JAndF">Mean of J and F.</param>
/// <param name="J">Mean region similarity over the objects.</param>
/// <param name="JRecall">Share of the frames with J above 0.5.</param>
/// <param name="JDecay">Loss of J from the first quarter to the last.</param>
/// <param name="F">Mean contour accuracy over the objects.</param>
/// <param name="FRecall">Share of the frames with F above 0.5.</param>
/// <param name="FDecay">Loss of F from the first quarter to the last.</param>
/// <param name="Model">The model; null where masks were scored.</param>
/// <param name="Dataset">Its folder.</param>
/// <param name="Set">Its subset.</param>
/// <param name="Objects">Objects in all.</param>
/// <param name="Fps">Frames per second; null where nothing was tracked.</param>
/// <param name="PeakMemoryMb">Most memory of the process, in MB of 2^20 bytes; null where nothing was tracked.</param>
/// <param name="Sequences">Each sequence.</param>
internal sealed record EvalReport(
    double JAndF,
    double J,
    double JRecall,
    double JDecay,
    double F,
    double FRecall,
    double FDecay,
    string? Model,
    string Dataset,
    string Set,
    int Objects,
    double? Fps,
    double? PeakMemoryMb,
    IReadOnlyList<EvalSequence> Sequences)
{
    /// <summary>Takes the scores over.</summary>
    public static EvalReport Of(string? model, DavisDataset dataset, DavisScores scores, double? fps, double? peakMemoryMb) => new(
        scores.JAndF,
        scores.J.Mean,
        scores.J.Recall,
        scores.J.Decay,
        scores.F.Mean,
        scores.F.Recall,
        scores.F.Decay,
        model,
        dataset.Root,
        dataset.Set,
        scores.Objects.Count(),
        fps,
        peakMemoryMb,
        [.. scores.Sequences.Select(sequence => new EvalSequence(
            sequence.Name, sequence.Objects.Count, sequence.JAndF, sequence.Objects.Average(score => score.J.Mean), sequence.Objects.Average(score => score.F.Mean)))]);
}

/// <summary>Scores of one sequence: means over its objects.</summary>
internal sealed record EvalSequence(string Name, int Objects, double JAndF, double J, double F);
