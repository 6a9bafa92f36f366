using HqTrack.Media;

namespace HqTrack.Evaluation.Baselines;

/// <summary>
/// The baseline that knows colours and places: each pixel takes the id of its nearest neighbour in the first frame, in the space of
/// (R, G, B, x, y) with the long side counting as much as one channel's range. Works on every s-th pixel in both directions, so that
/// the long side has at most <see cref="LongSide"/>; the label map is enlarged to the frame's size.
/// </summary>
internal sealed class ColorNearest : IBaseline
{
    /// <summary>Most samples along the long side.</summary>
    public const int LongSide = 216;

    private const int Dimensions = 5;

    private readonly int step;
    private readonly float scale;
    private readonly byte[] ids;
    private readonly KdTree tree;
    private readonly (int Width, int Height) size;

    /// <summary>Takes the samples of the first frame.</summary>
    /// <param name="first">The first frame.</param>
    /// <param name="labels">Its ids, of its size.</param>
    /// <param name="positionWeight">What the long side counts in the distance, as a share of a channel's range.</param>
    public ColorNearest(Frame first, LabelMap labels, double positionWeight = 1)
    {
        size = (first.Width, first.Height);
        var longSide = Math.Max(first.Width, first.Height);
        step = (longSide + LongSide - 1) / LongSide;
        scale = (float)(positionWeight * 255 / longSide);
        var samples = Samples(first);
        ids = new byte[samples.Length / Dimensions];
        var columns = Columns(first.Width);
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = labels[Middle(i % columns, first.Width), Middle(i / columns, first.Height)];
        }

        tree = new(samples, Dimensions);
    }

    public LabelMap Predict(Frame frame)
    {
        if ((frame.Width, frame.Height) != size)
        {
            throw new MediaException($"frame {frame.Index} is {frame.Width}x{frame.Height}, expected {size.Width}x{size.Height} like the first; scale all frames to one size.");
        }

        var samples = Samples(frame);
        var (columns, rows) = (Columns(frame.Width), Columns(frame.Height));
        var small = new byte[columns * rows];
        Parallel.For(0, rows, y =>
        {
            var near = -1;
            for (var x = 0; x < columns; x++)
            {
                var i = (y * columns) + x;
                near = tree.Nearest(samples.AsSpan(i * Dimensions, Dimensions), near); // the neighbour's match is a good first guess
                small[i] = ids[near];
            }
        });
        var labels = new LabelMap(frame.Width, frame.Height);
        for (var y = 0; y < frame.Height; y++)
        {
            for (var x = 0; x < frame.Width; x++)
            {
                labels.Ids[(y * frame.Width) + x] = small[(y / step * columns) + (x / step)];
            }
        }

        return labels;
    }

    private int Columns(int side) => (side + step - 1) / step;

    // The middle pixel of a cell.
    private int Middle(int cell, int side) => Math.Min((cell * step) + (step / 2), side - 1);

    private float[] Samples(Frame frame)
    {
        var (columns, rows) = (Columns(frame.Width), Columns(frame.Height));
        var samples = new float[columns * rows * Dimensions];
        for (var (i, target) = (0, 0); i < columns * rows; i++)
        {
            var (x, y) = (Middle(i % columns, frame.Width), Middle(i / columns, frame.Height));
            var pixel = frame.Rgb.AsSpan(((y * frame.Width) + x) * 3, 3);
            samples[target++] = pixel[0];
            samples[target++] = pixel[1];
            samples[target++] = pixel[2];
            samples[target++] = x * scale;
            samples[target++] = y * scale;
        }

        return samples;
    }
}
