using HqTrack.Media;
using HqTrack.Refiner.Sam;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Refiner;

/// <summary>How a whole image is segmented; the defaults are the published ones (segment_anything/automatic_mask_generator.py).</summary>
internal sealed record EverythingOptions
{
    /// <summary>Points along each side of the grid that prompts the network.</summary>
    public int PointsPerSide { get; init; } = 32;

    /// <summary>Masks whose predicted IoU is not above this are dropped.</summary>
    public double MinPredictedIou { get; init; } = 0.88;

    /// <summary>Masks whose stability is below this are dropped.</summary>
    public double MinStability { get; init; } = 0.95;

    /// <summary>Stability is the IoU of the mask at logits of plus and minus this.</summary>
    public double StabilityOffset { get; init; } = 1;

    /// <summary>Of two masks whose boxes have a higher IoU than this the one with the lower predicted IoU is dropped.</summary>
    public double MaxBoxIou { get; init; } = 0.7;
}

/// <summary>A mask that was found.</summary>
/// <param name="Mask">Its pixels.</param>
/// <param name="PredictedIou">The network's own estimate.</param>
/// <param name="Stability">IoU of the mask at a higher and a lower threshold, 0..1.</param>
/// <param name="Point">The point that it was found from.</param>
internal sealed record FoundMask(BinaryMask Mask, double PredictedIou, double Stability, PromptPoint Point);

/// <summary>Segments everything in an image: a grid of points as prompts, unsure and unstable masks dropped, duplicates suppressed.</summary>
internal static class EverythingSegmenter
{
    /// <summary>Points of the default grid.</summary>
    public static int Points { get; } = new EverythingOptions().PointsPerSide * new EverythingOptions().PointsPerSide;

    /// <summary>Finds masks, the best predicted first. The predictor must have the image.</summary>
    /// <param name="predictor">The network.</param>
    /// <param name="options">Grid and thresholds.</param>
    /// <param name="progress">Gets the number of points done.</param>
    /// <param name="cancellation">Ends the search between two batches.</param>
    public static IReadOnlyList<FoundMask> Run(SamPredictor predictor, EverythingOptions options, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        var found = new List<FoundMask>();
        var done = 0;
        foreach (var batch in Grid(options.PointsPerSide, predictor.Input.Original).Chunk(MaskRefiner.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            found.AddRange(Find(predictor, options, batch));
            progress?.Invoke(done += batch.Length);
        }

        return [.. Suppress([.. found.Select(mask => (mask.Mask.Bounds()!.Value, mask.PredictedIou))], options.MaxBoxIou).Select(i => found[i])];
    }

    /// <summary>Points in the middle of the cells of a grid, row by row.</summary>
    public static IEnumerable<PromptPoint> Grid(int side, (int Width, int Height) image) =>
        from y in Enumerable.Range(0, side) from x in Enumerable.Range(0, side) select new PromptPoint((x + 0.5) / side * image.Width, (y + 0.5) / side * image.Height);

    /// <summary>IoU of the masks at logits above <paramref name="offset"/> and above minus it; not a number for an empty one.</summary>
    public static double Stability(ReadOnlySpan<float> logits, double offset)
    {
        int high = 0, low = 0;
        foreach (var logit in logits)
        {
            high += logit > offset ? 1 : 0;
            low += logit > -offset ? 1 : 0;
        }

        return (double)high / low;
    }

    /// <summary>
    /// Non-maximum suppression: numbers of the boxes that stay, by descending score, the earlier one on a tie. Box areas are right - left times
    /// bottom - top, as published, so a line has none.
    /// </summary>
    public static IReadOnlyList<int> Suppress(IReadOnlyList<((int Left, int Top, int Right, int Bottom) Box, double Score)> boxes, double maxIou)
    {
        var kept = new List<int>();
        foreach (var i in Enumerable.Range(0, boxes.Count).OrderByDescending(i => boxes[i].Score))
        {
            if (!kept.Any(k => Iou(boxes[k].Box, boxes[i].Box) > maxIou))
            {
                kept.Add(i);
            }
        }

        return kept;
    }

    private static double Iou((int Left, int Top, int Right, int Bottom) a, (int Left, int Top, int Right, int Bottom) b)
    {
        static double Area((int Left, int Top, int Right, int Bottom) box) => (double)Math.Max(box.Right - box.Left, 0) * Math.Max(box.Bottom - box.Top, 0);
        var common = Area((Math.Max(a.Left, b.Left), Math.Max(a.Top, b.Top), Math.Min(a.Right, b.Right), Math.Min(a.Bottom, b.Bottom)));
        return common / (Area(a) + Area(b) - common);
    }

    private static List<FoundMask> Find(SamPredictor predictor, EverythingOptions options, PromptPoint[] points)
    {
        using var scope = NewDisposeScope();
        var prediction = predictor.Predict([.. points.Select(point => new SamPrompt([point]))]);
        var iou = TensorSpan.ToArray<float>(prediction.Iou);
        var each = iou.Length / points.Length;
        var found = new List<FoundMask>();
        for (var i = 0; i < iou.Length; i++)
        {
            if (iou[i] <= options.MinPredictedIou)
            {
                continue;
            }

            using var inner = NewDisposeScope();
            var upscaled = predictor.Upscale(prediction.LowRes[i / each, i % each].unsqueeze(0).unsqueeze(0)).cpu().contiguous();
            var logits = TensorSpan.Of<float>(upscaled);
            if (Stability(logits, options.StabilityOffset) is var stability && stability >= options.MinStability)
            {
                var (width, height) = predictor.Input.Original;
                var mask = BinaryMask.AboveZero(logits, width, height);
                if (mask.Area > 0)
                {
                    found.Add(new(mask, iou[i], stability, points[i / each]));
                }
            }
        }

        return found;
    }
}
