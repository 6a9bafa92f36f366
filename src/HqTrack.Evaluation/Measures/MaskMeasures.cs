namespace HqTrack.Evaluation.Measures;

/// <summary>The two measures of DAVIS for one object in one frame, as davis2017-evaluation computes them.</summary>
internal static class MaskMeasures
{
    /// <summary>The official tolerance of boundaries, as a share of the image's diagonal.</summary>
    public const double DefaultBoundThreshold = 0.008;

    /// <summary>Region similarity J: intersection over union, 1 where both masks are empty.</summary>
    /// <param name="truth">Ground truth, H x W.</param>
    /// <param name="predicted">Prediction, H x W.</param>
    /// <param name="ignored">Pixels left out of the count (void), or null.</param>
    public static double Jaccard(BitMask truth, BitMask predicted, BitMask? ignored = null)
    {
        CheckSizes(truth, predicted, ignored);
        (truth, predicted) = Without(ignored, truth, predicted);
        var intersection = truth.CountAnd(predicted);
        var union = truth.Count + predicted.Count - intersection;
        return union == 0 ? 1 : (double)intersection / union;
    }

    /// <summary>Contour accuracy F: the harmonic mean of boundary precision and recall, each within a tolerance.</summary>
    /// <param name="truth">Ground truth, H x W.</param>
    /// <param name="predicted">Prediction, H x W.</param>
    /// <param name="ignored">Pixels taken as background before boundaries are drawn (void), or null.</param>
    /// <param name="boundThreshold">Tolerance: pixels where 1 or more, else a share of the image's diagonal, rounded up.</param>
    public static ContourMatch Contour(BitMask truth, BitMask predicted, BitMask? ignored = null, double boundThreshold = DefaultBoundThreshold)
    {
        CheckSizes(truth, predicted, ignored);
        (truth, predicted) = Without(ignored, truth, predicted);
        var radius = BoundPixels(truth.Width, truth.Height, boundThreshold);
        var truthBoundary = Boundary.Of(truth);
        var predictedBoundary = Boundary.Of(predicted);
        var (ofTruth, ofPredicted) = (truthBoundary.Count, predictedBoundary.Count);
        return ofTruth == 0 || ofPredicted == 0
            ? new(ofTruth, ofPredicted, 0, 0)
            : new(
                ofTruth,
                ofPredicted,
                truthBoundary.CountAnd(Boundary.Dilate(predictedBoundary, radius)),
                predictedBoundary.CountAnd(Boundary.Dilate(truthBoundary, radius)));
    }

    /// <summary>The tolerance in pixels.</summary>
    public static int BoundPixels(int width, int height, double boundThreshold) => boundThreshold >= 1
        ? (int)boundThreshold
        : (int)Math.Ceiling(boundThreshold * Math.Sqrt(((double)height * height) + ((double)width * width)));

    private static (BitMask Truth, BitMask Predicted) Without(BitMask? ignored, BitMask truth, BitMask predicted) =>
        ignored is null ? (truth, predicted) : (Minus(truth, ignored), Minus(predicted, ignored));

    private static BitMask Minus(BitMask mask, BitMask ignored)
    {
        var rest = new BitMask(mask.Width, mask.Height);
        for (var y = 0; y < mask.Height; y++)
        {
            mask.Row(y).CopyTo(rest.Row(y));
        }

        rest.Remove(ignored);
        return rest;
    }

    private static void CheckSizes(BitMask truth, BitMask predicted, BitMask? ignored)
    {
        if ((truth.Width, truth.Height) != (predicted.Width, predicted.Height) || (ignored is not null && (truth.Width, truth.Height) != (ignored.Width, ignored.Height)))
        {
            throw new EvaluationException($"the predicted mask is {predicted.Width}x{predicted.Height}, the annotation {truth.Width}x{truth.Height}; write masks of the annotation's size.");
        }
    }
}

/// <summary>How two boundaries match.</summary>
/// <param name="TruthPixels">Boundary pixels of the ground truth.</param>
/// <param name="PredictedPixels">Boundary pixels of the prediction.</param>
/// <param name="TruthMatched">Those of the ground truth near the prediction's boundary.</param>
/// <param name="PredictedMatched">Those of the prediction near the ground truth's boundary.</param>
internal readonly record struct ContourMatch(int TruthPixels, int PredictedPixels, int TruthMatched, int PredictedMatched)
{
    /// <summary>F, 0..1: 1 where neither mask has a boundary, 0 where only one has.</summary>
    public double F
    {
        get
        {
            if (TruthPixels == 0 || PredictedPixels == 0)
            {
                return TruthPixels == PredictedPixels ? 1 : 0;
            }

            var precision = (double)PredictedMatched / PredictedPixels;
            var recall = (double)TruthMatched / TruthPixels;
            return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
        }
    }
}
