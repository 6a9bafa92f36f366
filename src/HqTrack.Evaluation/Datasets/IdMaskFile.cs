using HqTrack.Media;

namespace HqTrack.Evaluation.Datasets;

/// <summary>
/// Masks of datasets and of results, taken as they are: the checks of <see cref="MaskFile"/>, made for masks that someone drew, would
/// refuse a prediction that is merely bad.
/// </summary>
internal static class IdMaskFile
{
    private const byte Void = 255;

    /// <summary>Reads a mask.</summary>
    /// <param name="path">Path of an indexed or greyscale PNG.</param>
    /// <param name="isBinary">255 stands for object 1, where the file is greyscale and black and white.</param>
    /// <param name="voidIsBackground">Other values of 255 become 0.</param>
    /// <exception cref="MediaException">The file is missing, damaged or holds no ids.</exception>
    public static LabelMap Read(string path, bool isBinary = false, bool voidIsBackground = false)
    {
        var file = ImageFile.ReadBytes(path);
        var labels = IndexedPng.Decode(file, path);
        if (isBinary && IsBlackAndWhite(file, labels, path))
        {
            labels.Ids.AsSpan().Replace(Void, (byte)1);
        }
        else if (voidIsBackground)
        {
            labels.Ids.AsSpan().Replace(Void, (byte)0);
        }

        return labels;
    }

    /// <summary>A greyscale PNG of nothing but 0 and 255, as DAVIS 2016 has them.</summary>
    /// <exception cref="MediaException">The file is missing, damaged or holds no ids.</exception>
    public static bool IsBinary(string path)
    {
        var file = ImageFile.ReadBytes(path);
        return IsBlackAndWhite(file, IndexedPng.Decode(file, path), path);
    }

    private static bool IsBlackAndWhite(byte[] file, LabelMap labels, string path) =>
        PngHeader.Read(file, path) is { ColorType: PngHeader.Grey, BitDepth: 8 } && labels.ObjectIds() is [Void];
}
