using System.Text.Json.Serialization;
using HqTrack.Evaluation.Datasets;
using HqTrack.Evaluation.Prompts;

namespace HqTrack.Cli.Output;

/// <summary>eval boxes --json and eval clicks --json; IoU are fractions, mean per clip, then over clips.</summary>
/// <param name="MeanIou">eval boxes: with the true box.</param>
/// <param name="MeanIou1">eval clicks: with one click.</param>
/// <param name="MeanIou2">eval clicks: with a second that corrects.</param>
/// <param name="MeanIou3">eval clicks: with two that correct.</param>
/// <param name="Refiner">The network.</param>
/// <param name="Dataset">Its folder.</param>
/// <param name="Objects">Objects asked for, over all frames looked at.</param>
/// <param name="IouCorrelation">Correlation of predicted and measured IoU.</param>
/// <param name="Reliability">Answers by predicted IoU in tenths.</param>
/// <param name="Clips">Each clip.</param>
internal sealed record PromptReport(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? MeanIou,
    [property: JsonPropertyName("mean_iou_1"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? MeanIou1,
    [property: JsonPropertyName("mean_iou_2"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? MeanIou2,
    [property: JsonPropertyName("mean_iou_3"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? MeanIou3,
    string Refiner,
    string Dataset,
    int Objects,
    double? IouCorrelation,
    IReadOnlyList<ReliabilityBin> Reliability,
    IReadOnlyList<PromptClip> Clips)
{
    /// <summary>Takes the scores over.</summary>
    public static PromptReport Of(string refiner, DavisDataset dataset, int rounds, PromptScores scores)
    {
        double? Click(int number) => rounds >= number ? scores.MeanIou[number - 1] : null;
        return new(
            rounds == 0 ? scores.MeanIou[0] : null, Click(1), Click(2), Click(3), refiner, dataset.Root, scores.Answers, scores.Correlation, scores.Reliability,
            [.. scores.Clips.Select(clip => new PromptClip(clip.Name, clip.Iou))]);
    }
}

/// <summary>One clip.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Iou">Mean IoU: with the box, or after 1, 2, 3 clicks.</param>
internal sealed record PromptClip(string Name, IReadOnlyList<double> Iou);
