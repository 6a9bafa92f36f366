using System.Globalization;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>Folders named by object ids, with files named by frames.</summary>
internal static class ObjectFolders
{
    /// <summary>Lists them.</summary>
    public static IEnumerable<(byte Id, int Index, string Path)> List(string folder) =>
        from own in Directory.GetDirectories(folder)
        from file in Directory.GetFiles(own)
        select (byte.Parse(Path.GetFileName(own), CultureInfo.InvariantCulture), int.Parse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture), file);

    /// <summary>Draws an object into a frame's map, which is made where it is missing.</summary>
    /// <exception cref="MediaException">The frame has another size.</exception>
    public static void Put(SortedDictionary<int, LabelMap> frames, int index, int width, int height, byte id, Func<int, bool> isInside)
    {
        if (!frames.TryGetValue(index, out var labels))
        {
            frames[index] = labels = new(width, height);
        }

        if (labels.Width != width || labels.Height != height)
        {
            throw new MediaException($"object {id} in frame {index} is {width}x{height}, another object {labels.Width}x{labels.Height}; export the masks again.");
        }

        for (var i = 0; i < labels.Ids.Length; i++)
        {
            labels.Ids[i] = isInside(i) ? id : labels.Ids[i];
        }
    }
}
