using System.Globalization;
using HqTrack.Media;

namespace HqTrack.Evaluation.Ablations;

/// <summary>
/// Proposals made worse on purpose, so that a refiner has something to mend: every object eroded, dilated or shifted by a part of its size (the square
/// root of its area). How far varies by half around that from object to object and frame to frame, the same for the same seed.
/// </summary>
internal sealed class MaskDegradation
{
    private const double Spread = 0.5;

    private readonly string kind;
    private readonly double percent;
    private readonly int seed;

    private MaskDegradation(string kind, double percent, int seed) => (this.kind, this.percent, this.seed) = (kind, percent, seed);

    /// <summary>Parses erode:PERCENT, dilate:PERCENT, shift:PERCENT.</summary>
    /// <exception cref="ArgumentException">Something else.</exception>
    public static MaskDegradation Parse(string text, int seed) =>
        text.Split(':') is [("erode" or "dilate" or "shift") and var kind, var number]
            && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and <= 100
            ? new(kind, percent, seed)
            : throw new ArgumentException($"'{text}' is not known; expected erode:P, dilate:P or shift:P with P percent of an object's size, above 0 and at most 100.", nameof(text));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{kind}:{percent} (seed {seed})");

    /// <summary>Makes a label map worse. Where objects grow into each other the higher id lies above.</summary>
    /// <param name="frame">Number of the frame.</param>
    /// <param name="labels">The label map; it stays as it is.</param>
    public LabelMap Apply(int frame, LabelMap labels)
    {
        var result = new LabelMap(labels.Width, labels.Height);
        foreach (var id in labels.ObjectIds())
        {
            var random = new Random(HashCodeOf(frame, id));
            var size = Math.Sqrt(labels.Ids.AsSpan().Count((byte)id));
            var distance = size * percent / 100 * (1 + (Spread * ((2 * random.NextDouble()) - 1)));
            if (kind == "shift")
            {
                var angle = random.NextDouble() * 2 * Math.PI;
                Shift(labels, result, (byte)id, (int)Math.Round(distance * Math.Cos(angle)), (int)Math.Round(distance * Math.Sin(angle)));
            }
            else
            {
                Spill(labels, result, (byte)id, (int)Math.Round(distance), kind == "erode");
            }
        }

        return result;
    }

    private static void Shift(LabelMap labels, LabelMap result, byte id, int right, int down)
    {
        for (var y = Math.Max(0, -down); y < Math.Min(labels.Height, labels.Height - down); y++)
        {
            for (var x = Math.Max(0, -right); x < Math.Min(labels.Width, labels.Width - right); x++)
            {
                if (labels[x, y] == id)
                {
                    result.Ids[((y + down) * labels.Width) + x + right] = id;
                }
            }
        }
    }

    // A disk around every pixel of the edge: outside it grows, inside it is taken away.
    private static void Spill(LabelMap labels, LabelMap result, byte id, int radius, bool isErosion)
    {
        var (width, height) = (labels.Width, labels.Height);
        if (isErosion)
        {
            for (var i = 0; i < labels.Ids.Length; i++)
            {
                result.Ids[i] = labels.Ids[i] == id ? id : result.Ids[i];
            }
        }

        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                // From just outside the object, or from its own pixels; only those at the edge can reach further.
                if ((labels[x, y] == id) != isErosion && IsEdge(labels, id, x, y))
                {
                    Disk(result, id, x, y, radius, isErosion);
                }

                if (!isErosion && labels[x, y] == id)
                {
                    result.Ids[(y * width) + x] = id;
                }
            }
        }
    }

    private static bool IsEdge(LabelMap labels, byte id, int x, int y)
    {
        var own = labels[x, y] == id;
        return (x > 0 && (labels[x - 1, y] == id) != own) || (x + 1 < labels.Width && (labels[x + 1, y] == id) != own)
            || (y > 0 && (labels[x, y - 1] == id) != own) || (y + 1 < labels.Height && (labels[x, y + 1] == id) != own);
    }

    private static void Disk(LabelMap result, byte id, int x, int y, int radius, bool isErosion)
    {
        for (var dy = Math.Max(-radius, -y); dy <= Math.Min(radius, result.Height - 1 - y); dy++)
        {
            var half = (int)Math.Sqrt((radius * radius) - (dy * dy));
            var row = result.Ids.AsSpan((y + dy) * result.Width, result.Width);
            for (var i = Math.Max(0, x - half); i <= Math.Min(result.Width - 1, x + half); i++)
            {
                row[i] = !isErosion ? id : row[i] == id ? (byte)0 : row[i];
            }
        }
    }

    private int HashCodeOf(int frame, int id) => unchecked((((seed * 486187739) + frame) * 16777619) + id);
}
