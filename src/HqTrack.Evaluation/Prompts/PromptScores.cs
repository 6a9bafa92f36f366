namespace HqTrack.Evaluation.Prompts;

/// <summary>One answer of a network.</summary>
/// <param name="Clip">The clip.</param>
/// <param name="Round">Clicks so far; 0 for a box.</param>
/// <param name="Iou">IoU with the truth, 0..1.</param>
/// <param name="PredictedIou">What the network expected it to be.</param>
internal sealed record PromptAnswer(string Clip, int Round, double Iou, double PredictedIou);

/// <summary>Scores of a dataset.</summary>
/// <param name="MeanIou">Mean IoU of each round: over a clip's objects and frames, then over clips.</param>
/// <param name="Clips">Each clip's mean IoU by round.</param>
/// <param name="Answers">Objects asked for.</param>
/// <param name="Correlation">Of predicted and measured IoU over all answers; null where either does not vary.</param>
/// <param name="Reliability">Answers by predicted IoU, in tenths, without empty ones.</param>
internal sealed record PromptScores(
    IReadOnlyList<double> MeanIou, IReadOnlyList<(string Name, IReadOnlyList<double> Iou)> Clips, int Answers, double? Correlation, IReadOnlyList<ReliabilityBin> Reliability)
{
    private const int Bins = 10;

    /// <summary>Sums answers up.</summary>
    /// <param name="answers">Of every object and round.</param>
    /// <param name="rounds">Clicks of an object; 0 for boxes.</param>
    /// <exception cref="EvaluationException">There is no answer.</exception>
    public static PromptScores Of(IReadOnlyList<PromptAnswer> answers, int rounds)
    {
        if (answers.Count == 0)
        {
            throw new EvaluationException("no frame that was looked at has an object, expected masks with objects; check the dataset.");
        }

        var (first, count) = rounds == 0 ? (0, 1) : (1, rounds);
        var clips = answers.GroupBy(answer => answer.Clip)
            .Select(clip => (clip.Key, (IReadOnlyList<double>)[.. Enumerable.Range(first, count).Select(round => clip.Where(answer => answer.Round == round).Average(answer => answer.Iou))]))
            .ToArray();
        var bins = answers.GroupBy(answer => Math.Clamp((int)(answer.PredictedIou * Bins), 0, Bins - 1)).OrderBy(bin => bin.Key)
            .Select(bin => new ReliabilityBin(bin.Average(answer => answer.PredictedIou), bin.Average(answer => answer.Iou), bin.Count()));
        return new([.. Enumerable.Range(0, count).Select(round => clips.Average(clip => clip.Item2[round]))], clips, answers.Count / count, Correlate(answers), [.. bins]);
    }

    private static double? Correlate(IReadOnlyList<PromptAnswer> answers)
    {
        double meanX = answers.Average(answer => answer.PredictedIou), meanY = answers.Average(answer => answer.Iou);
        double xx = 0, yy = 0, xy = 0;
        foreach (var answer in answers)
        {
            var (x, y) = (answer.PredictedIou - meanX, answer.Iou - meanY);
            (xx, yy, xy) = (xx + (x * x), yy + (y * y), xy + (x * y));
        }

        return xx > 0 && yy > 0 ? xy / Math.Sqrt(xx * yy) : null;
    }
}

/// <summary>Answers with about the same predicted IoU.</summary>
/// <param name="Predicted">Mean predicted IoU.</param>
/// <param name="Measured">Mean measured IoU.</param>
/// <param name="Count">Answers.</param>
internal sealed record ReliabilityBin(double Predicted, double Measured, int Count);
