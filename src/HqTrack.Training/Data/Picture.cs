using HqTrack.Media;

namespace HqTrack.Training.Data;

/// <summary>One object of a picture: its id there, area in pixels, bounding box [X0, X1) x [Y0, Y1), and the share of the box's outline
/// that lies on the picture's edge and is the object's: above a few percent the object is cut off there.</summary>
internal readonly record struct PictureObject(byte Id, int Area, int X0, int Y0, int X1, int Y1, float CutOff)
{
    public float CenterX => (X0 + X1 - 1) / 2f;

    public float CenterY => (Y0 + Y1 - 1) / 2f;
}

/// <summary>An image with its ids, as training wants it: in memory, not larger than needed, its objects measured.</summary>
internal sealed class Picture
{
    /// <summary>Wraps an image and its ids, of the same size.</summary>
    public Picture(Frame image, LabelMap labels)
    {
        Image = image;
        Labels = labels;
        Objects = Measure(labels);
    }

    public Frame Image { get; }

    public LabelMap Labels { get; }

    /// <summary>The objects, by id.</summary>
    public IReadOnlyList<PictureObject> Objects { get; }

    public int Width => Image.Width;

    public int Height => Image.Height;

    /// <summary>Bytes held.</summary>
    public long Size => Image.Rgb.Length + Labels.Ids.Length;

    /// <summary>Reads an image and its mask, scaled down where the shorter side is longer than <paramref name="maxShortSide"/>.</summary>
    /// <exception cref="MediaException">A file is missing, damaged, or the mask does not fit the image.</exception>
    public static Picture Read(string imagePath, string maskPath, int maxShortSide)
    {
        var image = ImageFile.Read(imagePath);

        // As stored, without MaskFile's guesses about what an annotator may have got wrong: in the crowded masks of data sets thin
        // objects do lie between two others only.
        var labels = IndexedPng.Read(maskPath);
        if ((labels.Width, labels.Height) != (image.Width, image.Height))
        {
            throw new MediaException($"the mask '{maskPath}' is {labels.Width}x{labels.Height}, expected {image.Width}x{image.Height} like its image; repair or remove the pair.");
        }

        var shorter = Math.Min(image.Width, image.Height);
        if (shorter > maxShortSide)
        {
            var (width, height) = (image.Width * maxShortSide / shorter, image.Height * maxShortSide / shorter);
            (image, labels) = (AreaResize.Down(image, width, height), labels.Resize(width, height));
        }

        return new Picture(image, labels);
    }

    private static List<PictureObject> Measure(LabelMap labels)
    {
        var (width, height) = (labels.Width, labels.Height);
        var area = new int[256];
        var edge = new int[256];
        var boxes = new (int X0, int Y0, int X1, int Y1)[256];
        Array.Fill(boxes, (width, height, 0, 0));
        for (var y = 0; y < height; y++)
        {
            var row = labels.Ids.AsSpan(y * width, width);
            for (var x = 0; x < width; x++)
            {
                var id = row[x];
                if (id == 0)
                {
                    continue;
                }

                area[id]++;
                edge[id] += x == 0 || y == 0 || x == width - 1 || y == height - 1 ? 1 : 0;
                ref var box = ref boxes[id];
                box = (Math.Min(box.X0, x), Math.Min(box.Y0, y), Math.Max(box.X1, x + 1), Math.Max(box.Y1, y + 1));
            }
        }

        var objects = new List<PictureObject>();
        for (var id = 1; id < 256; id++)
        {
            if (area[id] > 0)
            {
                var (x0, y0, x1, y1) = boxes[id];
                objects.Add(new PictureObject((byte)id, area[id], x0, y0, x1, y1, edge[id] / (2f * (x1 - x0 + y1 - y0))));
            }
        }

        return objects;
    }
}
