using HqTrack.Media;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Vmos;

/// <summary>
/// Logits of all groups at 1/4 -> label map at any size: bilinear (align_corners), softmax, merge, argmax, in one pass over the
/// pixels instead of a full-size tensor per step.
/// </summary>
/// <remarks>
/// One group: argmax of the logits. Several (AOT's soft aggregation): softmax per group, background = product of the groups'
/// backgrounds, every probability clamped to [1e-5, 1 - 1e-5], highest wins, the first on a tie.
/// </remarks>
internal static class LabelDecoder
{
    private const float MinProbability = 1e-5f;
    private const float MaxProbability = 1 - 1e-5f;

    /// <summary>Decodes.</summary>
    /// <param name="groups">At least one group; all of the same size.</param>
    /// <param name="width">Width of the label map.</param>
    /// <param name="height">Height of the label map.</param>
    public static DecodedLabels Decode(IReadOnlyList<GroupLogits> groups, int width, int height)
    {
        var channels = groups.Select(group => (int)group.Logits.size(1)).ToArray();
        int h = (int)groups[0].Logits.size(2), w = (int)groups[0].Logits.size(3), total = channels.Sum();
        var logits = new float[total * h * w]; // [channels of all groups, h, w]
        var ids = new byte[total];
        var offset = 0;
        foreach (var group in groups)
        {
            using var host = group.Logits.cpu();
            using var packed = host.contiguous();
            TensorSpan.Of<float>(packed).CopyTo(logits.AsSpan(offset * h * w));
            for (var i = 0; i < group.Ids.Count; i++)
            {
                ids[offset + 1 + i] = (byte)group.Ids[i];
            }

            offset += (int)group.Logits.size(1);
        }

        var labels = new LabelMap(width, height);
        var columns = Taps(width, w);
        var rows = Taps(height, h);
        var probability = new double[LabelMap.MaxId + 1];
        var area = new long[LabelMap.MaxId + 1];
        var gate = new Lock();
        Parallel.For(
            0,
            height,
            () => new RowBuffers(total, w),
            (y, _, buffers) =>
            {
                BlendRows(logits, rows[y], total, h, w, buffers.Row);
                DecodeRow(buffers, columns, channels, ids, w, labels.Ids.AsSpan(y * width, width));
                return buffers;
            },
            buffers =>
            {
                lock (gate)
                {
                    for (var id = 0; id < probability.Length; id++)
                    {
                        probability[id] += buffers.Probability[id];
                        area[id] += buffers.Area[id];
                    }
                }
            });
        return new(labels, probability, area);
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

    private static void BlendRows(float[] logits, (int First, int Second, float Weight) tap, int channels, int h, int w, float[] row)
    {
        for (var c = 0; c < channels; c++)
        {
            var a = logits.AsSpan(((c * h) + tap.First) * w, w);
            var b = logits.AsSpan(((c * h) + tap.Second) * w, w);
            var target = row.AsSpan(c * w, w);
            for (var x = 0; x < w; x++)
            {
                target[x] = ((1 - tap.Weight) * a[x]) + (tap.Weight * b[x]);
            }
        }
    }

    private static void DecodeRow(
        RowBuffers buffers, (int First, int Second, float Weight)[] columns, int[] channels, byte[] ids, int w, Span<byte> target)
    {
        var row = buffers.Row;
        var pixel = buffers.Pixel;
        for (var x = 0; x < target.Length; x++)
        {
            var (first, second, weight) = columns[x];
            for (var c = 0; c < pixel.Length; c++)
            {
                pixel[c] = ((1 - weight) * row[(c * w) + first]) + (weight * row[(c * w) + second]);
            }

            var (winner, probability) = channels.Length == 1 ? Single(pixel) : Merged(pixel, channels);
            var id = ids[winner];
            target[x] = id;
            buffers.Probability[id] += probability;
            buffers.Area[id]++;
        }
    }

    private static (int Winner, float Probability) Single(ReadOnlySpan<float> pixel)
    {
        var winner = 0;
        for (var c = 1; c < pixel.Length; c++)
        {
            if (pixel[c] > pixel[winner])
            {
                winner = c;
            }
        }

        if (winner == 0)
        {
            return (0, 0); // nobody asks for the background's confidence
        }

        var sum = 0f;
        foreach (var value in pixel)
        {
            sum += MathF.Exp(value - pixel[winner]);
        }

        return (winner, 1 / sum);
    }

    private static (int Winner, float Probability) Merged(Span<float> pixel, int[] channels)
    {
        var background = 1f;
        var offset = 0;
        foreach (var count in channels)
        {
            var group = pixel.Slice(offset, count);
            var max = group[0];
            foreach (var value in group)
            {
                max = Math.Max(max, value);
            }

            var sum = 0f;
            foreach (ref var value in group)
            {
                value = MathF.Exp(value - max);
                sum += value;
            }

            foreach (ref var value in group)
            {
                value /= sum;
            }

            background *= group[0];
            group[0] = -1; // only the product counts
            offset += count;
        }

        var winner = 0;
        var best = Math.Clamp(background, MinProbability, MaxProbability);
        for (var c = 1; c < pixel.Length; c++)
        {
            var value = pixel[c] < 0 ? -1 : Math.Clamp(pixel[c], MinProbability, MaxProbability);
            if (value > best)
            {
                (winner, best) = (c, value);
            }
        }

        return (winner, best);
    }

    private sealed class RowBuffers(int channels, int width)
    {
        public readonly float[] Row = new float[channels * width];
        public readonly float[] Pixel = new float[channels];
        public readonly double[] Probability = new double[LabelMap.MaxId + 1];
        public readonly long[] Area = new long[LabelMap.MaxId + 1];
    }
}

/// <summary>A label map with, per id, the summed probability of its pixels and their number.</summary>
internal sealed record DecodedLabels(LabelMap Labels, double[] Probability, long[] Area)
{
    /// <summary>Mean probability inside an object's mask, 0 where it has no pixel.</summary>
    public double Confidence(int id) => Area[id] == 0 ? 0 : Probability[id] / Area[id];
}
