using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>Matches images with masks of the same name.</summary>
internal static class Pairs
{
    /// <summary>The images of a folder that have a mask, in natural order; none where a folder is missing.</summary>
    public static PictureFile[] In(string images, string masks)
    {
        if (!Directory.Exists(images) || !Directory.Exists(masks))
        {
            return [];
        }

        return [.. Directory.GetFiles(images)
            .Where(ImageFile.HasImageExtension)
            .Order(NaturalOrder.Instance)
            .Select(image => new PictureFile(image, Path.Combine(masks, Path.GetFileNameWithoutExtension(image) + ".png")))
            .Where(file => File.Exists(file.Mask))];
    }
}
