using HqTrack.Media;

namespace HqTrack;

/// <summary>The masks of one image.</summary>
/// <param name="Labels">Object id of every pixel, of the image's size.</param>
/// <param name="Objects">The objects, by their ids' order of appearance.</param>
public sealed record SegmentedImage(LabelMap Labels, IReadOnlyList<SegmentedObject> Objects);

/// <summary>One object of an image.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Area">Pixels of its own mask; pixels that another object lies over count where the masks were found one by one.</param>
/// <param name="Box">Tight box around that mask.</param>
/// <param name="PredictedIou">The network's own estimate of the mask's quality, 0..1 and sometimes a little above.</param>
/// <param name="Stability">IoU of the mask at a higher and a lower threshold, 0..1; null where it was not measured.</param>
public sealed record SegmentedObject(int Id, int Area, Box? Box, double PredictedIou, double? Stability);
