namespace HqTrack.Media;

/// <summary>Masks that several objects are given with, put on one canvas as HQTrack's VOTS script does it.</summary>
internal static class MaskCanvas
{
    /// <summary>Pads with background, or crops, at the right and at the bottom.</summary>
    public static LabelMap Fit(LabelMap labels, int width, int height)
    {
        var canvas = new LabelMap(width, height);
        var columns = Math.Min(width, labels.Width);
        for (var y = 0; y < Math.Min(height, labels.Height); y++)
        {
            labels.Ids.AsSpan(y * labels.Width, columns).CopyTo(canvas.Ids.AsSpan(y * width));
        }

        return canvas;
    }

    /// <summary>
    /// Object k of the list gets id k from 1 on. Where masks overlap the ids add up, as in the release: a pixel of 1 and 2 becomes 3,
    /// another object's or nobody's.
    /// </summary>
    public static LabelMap SumOfIds(IReadOnlyList<BinaryMask> masks)
    {
        var canvas = new LabelMap(masks[0].Width, masks[0].Height);
        for (var k = 0; k < masks.Count; k++)
        {
            foreach (var pixel in masks[k].Pixels())
            {
                canvas.Ids[pixel] = unchecked((byte)(canvas.Ids[pixel] + k + 1));
            }
        }

        return canvas;
    }
}
