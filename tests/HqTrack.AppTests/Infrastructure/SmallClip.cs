using HqTrack.Media;

namespace HqTrack.AppTests.Infrastructure;

/// <summary>A short clip on disk: two bright squares that move over a textured ground, and the mask of its first frame.</summary>
internal sealed class SmallClip
{
    public const int Width = 112;
    public const int Height = 80;

    private SmallClip(string frames, string mask)
    {
        Frames = frames;
        Mask = mask;
    }

    /// <summary>Folder with NNNNN.jpg.</summary>
    public string Frames { get; }

    /// <summary>Indexed PNG with the ids 1 and 2.</summary>
    public string Mask { get; }

    /// <summary>Writes the clip into a folder.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="count">Number of frames.</param>
    /// <param name="loop">After how many frames the squares start again.</param>
    public static SmallClip Write(Tests.Media.TempFolder folder, int count, int loop = int.MaxValue)
    {
        var frames = folder["frames"];
        for (var i = 0; i < count; i++)
        {
            ImageFile.WriteJpeg(Path.Combine(frames, $"{i:D5}.jpg"), Draw(i % loop, out var labels));
            if (i == 0)
            {
                MaskFile.Write(folder["mask.png"], labels);
            }
        }

        return new(frames, folder["mask.png"]);
    }

    /// <summary>One frame and its ids.</summary>
    public static Frame Draw(int index, out LabelMap labels, int width = Width, int height = Height)
    {
        var rgb = new byte[width * height * 3];
        labels = new LabelMap(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var id = Inside(x, y, 10 + index, 12) ? 1 : Inside(x, y, 60, 40 - index) ? 2 : 0;
                var at = (y * width) + x;
                labels.Ids[at] = (byte)id;
                rgb[at * 3] = (byte)(id == 1 ? 230 : 40 + (x * 7 % 50));
                rgb[(at * 3) + 1] = (byte)(id == 2 ? 220 : 60 + (y * 5 % 40));
                rgb[(at * 3) + 2] = (byte)(80 + ((x + y) % 30));
            }
        }

        return new Frame(rgb, width, height, index);
    }

    private static bool Inside(int x, int y, int left, int top) => x >= left && x < left + 24 && y >= top && y < top + 24;
}
