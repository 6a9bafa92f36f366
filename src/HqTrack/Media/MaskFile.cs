namespace HqTrack.Media;

/// <summary>
/// Masks as files: indexed PNGs whose index is the object id, with the DAVIS palette. Greyscale PNGs of at most 8 bits are taken as
/// ids too; one that holds nothing but 0 and 255 is a binary mask and its object gets id 1. What could only be read by guessing is
/// refused: RGB(A), 16 bits, JPEG, and masks whose edges were interpolated.
/// </summary>
public static class MaskFile
{
    /// <summary>Most objects one mask file may hold. All 256 values in use is a picture or a ramp, not a mask.</summary>
    public const int MaxObjects = 254;

    private const int FewObjects = 16;              // below, a mask may be as ragged as it likes
    private const double MinFlatShare = 0.7;        // of the pixels; photographs lie around 0.2, masks of dozens of objects above 0.95

    /// <summary>Reads a mask and checks that it is one.</summary>
    /// <param name="path">Path of a PNG.</param>
    /// <param name="expectedWidth">Width of the frames in pixels, where known.</param>
    /// <param name="expectedHeight">Height of the frames in pixels, where known.</param>
    /// <param name="allowEmpty">Accept a mask without any object (a ground truth of a frame that shows none).</param>
    /// <returns>Object ids, H x W.</returns>
    /// <exception cref="MediaException">The file cannot be used; the message says why and what to do.</exception>
    public static LabelMap Read(string path, int? expectedWidth = null, int? expectedHeight = null, bool allowEmpty = false) =>
        Decode(ImageFile.ReadBytes(path), path, expectedWidth, expectedHeight, allowEmpty);

    /// <summary>As <see cref="Read"/>, from bytes; <paramref name="name"/> is what messages call the mask.</summary>
    /// <param name="file">The bytes of a PNG.</param>
    /// <param name="name">What messages call the mask.</param>
    /// <param name="expectedWidth">Width of the frames in pixels, where known.</param>
    /// <param name="expectedHeight">Height of the frames in pixels, where known.</param>
    /// <param name="allowEmpty">Accept a mask without any object.</param>
    /// <returns>Object ids, H x W.</returns>
    /// <exception cref="MediaException">The bytes cannot be used; the message says why and what to do.</exception>
    public static LabelMap Decode(byte[] file, string name, int? expectedWidth = null, int? expectedHeight = null, bool allowEmpty = false)
    {
        ArgumentNullException.ThrowIfNull(file);
        var header = PngHeader.Read(file, name);
        if (!header.HoldsIds)
        {
            var why = header.ColorType is PngHeader.Grey
                ? "object ids have 8 bits (1 to 255)"
                : "colours do not say which object a pixel belongs to";
            throw new MediaException($"the mask '{name}' is a {header.Kind} PNG, and {why}; expected an indexed PNG: save it in palette mode (P), the index being the object id and 0 the background.");
        }

        if ((expectedWidth ?? header.Width) != header.Width || (expectedHeight ?? header.Height) != header.Height)
        {
            throw new MediaException(
                $"the mask '{name}' is {header.Width}x{header.Height}, expected {expectedWidth}x{expectedHeight} like the frames; " +
                "scale it to that size with nearest-neighbour sampling (no interpolation).");
        }

        var labels = IndexedPng.Decode(file, name);
        var ids = labels.ObjectIds();
        if (header is { ColorType: PngHeader.Grey, BitDepth: 8 } && ids is [255])
        {
            // Black and white, as image editors and DAVIS-2016 write it.
            foreach (ref var id in labels.Ids.AsSpan())
            {
                id &= 1;
            }

            return labels;
        }

        Check(labels, ids, header, name, allowEmpty);
        return labels;
    }

    /// <summary>Writes a mask as an 8-bit indexed PNG with the DAVIS palette, whole or not at all.</summary>
    /// <param name="path">Path of the file; one that is there is replaced.</param>
    /// <param name="labels">Object ids, H x W.</param>
    /// <exception cref="MediaException">The file cannot be written.</exception>
    public static void Write(string path, LabelMap labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        IndexedPng.Write(path, labels);
    }

    private static void Check(LabelMap labels, IReadOnlyList<int> ids, PngHeader header, string name, bool allowEmpty)
    {
        if (ids.Count == 0 && !allowEmpty)
        {
            throw new MediaException($"the mask '{name}' holds no object: every pixel is 0, the background; expected at least one object drawn with an id from 1 to 255.");
        }

        var between = InterpolatedIds.Find(labels);
        if (between.Count > 0)
        {
            throw new MediaException(
                $"the mask '{name}' is interpolated or anti-aliased: {between.Count} of its {ids.Count} values ({Sample(between)}) lie only on edges, between two others, and would become objects of their own; " +
                "expected one value per object: draw without anti-aliasing and scale with nearest-neighbour sampling.");
        }

        if (ids.Count > MaxObjects || (ids.Count > FewObjects && FlatShare(labels) < MinFlatShare))
        {
            throw new MediaException(
                $"the mask '{name}' ({header.Kind}) uses {ids.Count + 1} different values, which looks like a picture; expected at most {MaxObjects} objects and the background: " +
                "save object ids, or split the objects over several masks and runs.");
        }
    }

    // The share of pixels that equal their right neighbour.
    private static double FlatShare(LabelMap labels)
    {
        long equal = 0;
        for (var y = 0; y < labels.Height; y++)
        {
            var row = labels.Ids.AsSpan(y * labels.Width, labels.Width);
            for (var x = 1; x < row.Length; x++)
            {
                equal += row[x] == row[x - 1] ? 1 : 0;
            }
        }

        return equal / Math.Max(1.0, (labels.Width - 1.0) * labels.Height);
    }

    private static string Sample(IReadOnlyList<int> ids) => string.Join(", ", ids.Take(5)) + (ids.Count > 5 ? ", ..." : "");
}
