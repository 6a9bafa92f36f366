using HqTrack.Runtime;
using static TorchSharp.torch;

namespace HqTrack.Vmos;

/// <summary>One view's logits of all groups on the host, read at any size: bilinear, align_corners, a row at a time.</summary>
internal sealed class LogitSampler
{
    private readonly float[] logits; // [channels of all groups, h, w]
    private readonly (int First, int Second, float Weight)[] columns;
    private readonly (int First, int Second, float Weight)[] rows;
    private readonly int h;
    private readonly int w;

    public LogitSampler(ViewLogits view, int width, int height)
    {
        var first = view.Groups[0].Logits;
        (h, w) = ((int)first.size(2), (int)first.size(3));
        Channels = [.. view.Groups.Select(group => (int)group.Logits.size(1))];
        logits = new float[Channels.Sum() * h * w];
        var offset = 0;
        foreach (var group in view.Groups)
        {
            using var host = group.Logits.cpu();
            using var packed = host.contiguous();
            var values = TensorSpan.Of<float>(packed);
            values.CopyTo(logits.AsSpan(offset));
            offset += values.Length;
        }

        rows = Taps(height, h);
        columns = Taps(width, w);
        if (view.IsMirrored)
        {
            Array.Reverse(columns);
        }
    }

    /// <summary>Channels per group, background included.</summary>
    public int[] Channels { get; }

    /// <summary>Values that <see cref="BlendRow"/> needs room for.</summary>
    public int RowLength => Channels.Sum() * w;

    /// <summary>Interpolates between rows: [channels, w].</summary>
    public void BlendRow(int y, float[] row)
    {
        var (first, second, weight) = rows[y];
        for (var c = 0; c < row.Length / w; c++)
        {
            var a = logits.AsSpan(((c * h) + first) * w, w);
            var b = logits.AsSpan(((c * h) + second) * w, w);
            var target = row.AsSpan(c * w, w);
            for (var x = 0; x < w; x++)
            {
                target[x] = ((1 - weight) * a[x]) + (weight * b[x]);
            }
        }
    }

    /// <summary>Interpolates within a blended row: every channel at one pixel.</summary>
    public void Pixel(float[] row, int x, Span<float> pixel)
    {
        var (first, second, weight) = columns[x];
        for (var c = 0; c < pixel.Length; c++)
        {
            pixel[c] = ((1 - weight) * row[(c * w) + first]) + (weight * row[(c * w) + second]);
        }
    }

    private static (int First, int Second, float Weight)[] Taps(int size, int source)
    {
        var taps = new (int, int, float)[size];
        var step = size > 1 ? (float)(source - 1) / (size - 1) : 0;
        for (var i = 0; i < size; i++)
        {
            var at = i * step;
            var first = Math.Min((int)at, source - 1);
            taps[i] = (first, Math.Min(first + 1, source - 1), at - first);
        }

        return taps;
    }
}

/// <summary>What one view of a frame gave.</summary>
/// <param name="Groups">At least one group; all of the same size.</param>
/// <param name="IsMirrored">Whether left and right are exchanged.</param>
internal readonly record struct ViewLogits(IReadOnlyList<GroupLogits> Groups, bool IsMirrored);
