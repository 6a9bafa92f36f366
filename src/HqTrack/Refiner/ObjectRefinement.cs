namespace HqTrack.Refiner;

/// <summary>What the refiner did with one object in one frame.</summary>
/// <param name="Id">The object.</param>
/// <param name="Prompt">The box that the refiner was asked with: the tight box of the segmenter's mask; null where the object has no pixel.</param>
/// <param name="PredictedIou">The refiner's own estimate for the candidate it came to, 0..1 and sometimes a little above; null where it was not asked.</param>
/// <param name="MeasuredIou">IoU of that candidate with the segmenter's mask, 0..1; null where the refiner was not asked.</param>
/// <param name="Outcome">What became of it and why.</param>
public sealed record ObjectRefinement(int Id, Box? Prompt, double? PredictedIou, double? MeasuredIou, RefinementOutcome Outcome)
{
    /// <summary>Whether the refiner's mask replaced the segmenter's.</summary>
    public bool IsKept => Outcome == RefinementOutcome.Kept;
}

/// <summary>Why a refined mask was kept or not.</summary>
public enum RefinementOutcome
{
    /// <summary>The refined mask was taken.</summary>
    Kept,

    /// <summary>The refined mask agrees too little with the segmenter's, which stays.</summary>
    BelowThreshold,

    /// <summary>The object is too small for the refiner's grid; it was not asked.</summary>
    Tiny,

    /// <summary>The segmenter is sure of the object; the refiner was not asked.</summary>
    Confident,

    /// <summary>The frame is not one of those that are refined.</summary>
    NotDue,

    /// <summary>The object has no pixel in this frame.</summary>
    Absent,
}
