using HqTrack.Media;

namespace HqTrack.Tests.Training.Data;

/// <summary>A training folder made on the fly: two short videos and two sets of stills of coloured rectangles on a grey ramp.</summary>
public sealed class SmallDataFolder : IDisposable
{
    public SmallDataFolder()
    {
        Root = Directory.CreateTempSubdirectory("hqtrack-data-").FullName;
        for (var sequence = 0; sequence < 2; sequence++)
        {
            for (var t = 0; t < 6; t++)
            {
                Write($"davis2016/train/JPEGImages/480p/seq{sequence}/{t:00000}.png", $"davis2016/train/Annotations/480p/seq{sequence}/{t:00000}.png", 120, 90, [(1, 20 + (6 * t), 30, 30, 24)]);
            }
        }

        for (var i = 0; i < 3; i++)
        {
            Write($"static/one/JPEGImages/{i}.png", $"static/one/Annotations/{i}.png", 100, 80, [(1, 20, 15 + (5 * i), 40, 30)]);
            Write($"static/many/JPEGImages/{i}.png", $"static/many/Annotations/{i}.png", 110, 90, [.. Enumerable.Range(0, 14).Select(k => (3 + k, 5 + (k % 5 * 20), 8 + (k / 5 * 28), 14, 20))]);
        }
    }

    public string Root { get; }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>An image whose objects are red 255 on a background without red, so that colour tells what is an object.</summary>
    internal static (Frame Image, LabelMap Labels) Draw(int width, int height, (int Id, int X, int Y, int W, int H)[] boxes)
    {
        var rgb = new byte[width * height * 3];
        var labels = new LabelMap(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = (y * width) + x;
                rgb[(at * 3) + 1] = (byte)(x * 255 / width);
                rgb[(at * 3) + 2] = (byte)(y * 255 / height);
                foreach (var (id, bx, by, w, h) in boxes)
                {
                    if (x >= bx && x < bx + w && y >= by && y < by + h)
                    {
                        labels.Ids[at] = (byte)id;
                        rgb[at * 3] = 255;
                    }
                }
            }
        }

        return (new Frame(rgb, width, height), labels);
    }

    private void Write(string imagePath, string maskPath, int width, int height, (int Id, int X, int Y, int W, int H)[] boxes)
    {
        var (image, labels) = Draw(width, height, boxes);
        var (imageFile, maskFile) = (Path.Combine(Root, imagePath), Path.Combine(Root, maskPath));
        Directory.CreateDirectory(Path.GetDirectoryName(imageFile)!);
        Directory.CreateDirectory(Path.GetDirectoryName(maskFile)!);
        ImageFile.WritePng(imageFile, image);
        MaskFile.Write(maskFile, labels);
    }
}
