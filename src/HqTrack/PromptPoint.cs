namespace HqTrack;

/// <summary>A position that is known to lie inside or outside an object.</summary>
/// <param name="X">Pixels from the frame's left edge; the middle of the first pixel is 0.</param>
/// <param name="Y">Pixels from the frame's top edge; the middle of the first pixel is 0.</param>
/// <param name="IsInside">Whether the object is there.</param>
public readonly record struct PromptPoint(double X, double Y, bool IsInside = true);
