using HqTrack.Media;
using HqTrack.Ops;

namespace HqTrack.Vmos;

/// <summary>
/// Logits of all groups at 1/4 -> label map at any size: bilinear (align_corners), softmax, merge, argmax, in one pass over the
/// pixels instead of a full-size tensor per step.
/// </summary>
/// <remarks>
/// One group: argmax of the logits. Several (AOT's soft aggregation): softmax per group, background = product of the groups'
/// backgrounds, every probability clamped to [1e-5, 1 - 1e-5], highest wins, the first on a tie. Several views of a frame: each view's
/// merged logits go through a softmax and the probabilities are averaged.
/// </remarks>
internal static class LabelDecoder
{
    private const float MinProbability = 1e-5f;
    private const float MaxProbability = 1 - 1e-5f;
    private const double FixedPoint = 1L << 32; // probabilities are summed as whole numbers: the same sum in whatever order threads add

    /// <summary>Decodes one view.</summary>
    /// <param name="groups">At least one group; all of the same size.</param>
    /// <param name="width">Width of the label map.</param>
    /// <param name="height">Height of the label map.</param>
    public static DecodedLabels Decode(IReadOnlyList<GroupLogits> groups, int width, int height) => Decode([new ViewLogits(groups, false)], width, height);

    /// <summary>Decodes one or more views with the same groups.</summary>
    public static DecodedLabels Decode(IReadOnlyList<ViewLogits> views, int width, int height)
    {
        var samplers = views.Select(view => new LogitSampler(view, width, height)).ToArray();
        var ids = views[0].Groups.SelectMany(group => group.Ids.Prepend(0)).Select(id => (byte)id).ToArray();
        var labels = new LabelMap(width, height);
        var probability = new long[LabelMap.MaxId + 1];
        var area = new long[LabelMap.MaxId + 1];
        var gate = new Lock();
        ParallelRows.For(
            height,
            () => new RowBuffers(samplers),
            (y, buffers) =>
            {
                for (var i = 0; i < samplers.Length; i++)
                {
                    samplers[i].BlendRow(y, buffers.Rows[i]);
                }

                DecodeRow(samplers, buffers, ids, labels.Ids.AsSpan(y * width, width));
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
        return new(labels, [.. probability.Select(sum => sum / FixedPoint)], area) { ProbabilityAt = new Lookup(samplers, ids).At };
    }

    private static void DecodeRow(LogitSampler[] samplers, RowBuffers buffers, byte[] ids, Span<byte> target)
    {
        var channels = samplers[0].Channels;
        for (var x = 0; x < target.Length; x++)
        {
            int winner;
            float probability;
            if (samplers.Length == 1 && channels.Length == 1)
            {
                samplers[0].Pixel(buffers.Rows[0], x, buffers.Pixel);
                (winner, probability) = Single(buffers.Pixel);
            }
            else
            {
                Array.Clear(buffers.Mean);
                for (var i = 0; i < samplers.Length; i++)
                {
                    samplers[i].Pixel(buffers.Rows[i], x, buffers.Pixel);
                    AddProbabilities(buffers.Pixel, channels, buffers.Mean);
                }

                (winner, probability) = Best(buffers.Mean);
                probability /= samplers.Length;
            }

            var id = ids[winner];
            target[x] = id;
            buffers.Probability[id] += (long)(probability * FixedPoint);
            buffers.Area[id]++;
        }
    }

    private static (int Winner, float Probability) Single(ReadOnlySpan<float> pixel)
    {
        var (winner, best) = Best(pixel);
        if (winner == 0)
        {
            return (0, 0); // nobody asks for the background's confidence
        }

        var sum = 0f;
        foreach (var value in pixel)
        {
            sum += MathF.Exp(value - best);
        }

        return (winner, 1 / sum);
    }

    private static (int Winner, float Value) Best(ReadOnlySpan<float> pixel)
    {
        var winner = 0;
        for (var c = 1; c < pixel.Length; c++)
        {
            if (pixel[c] > pixel[winner])
            {
                winner = c;
            }
        }

        return (winner, pixel[winner]);
    }

    // Logits of all groups -> merged probabilities in place; the background's in channel 0, -1 in the other groups' backgrounds.
    private static Span<float> Merge(Span<float> pixel, int[] channels)
    {
        var background = 1f;
        var offset = 0;
        foreach (var count in channels)
        {
            var group = pixel.Slice(offset, count);
            Softmax(group);
            background *= group[0];
            foreach (ref var value in group)
            {
                value = Math.Clamp(value, MinProbability, MaxProbability);
            }

            group[0] = -1; // only the product counts
            offset += count;
        }

        pixel[0] = Math.Clamp(background, MinProbability, MaxProbability);
        return pixel;
    }

    private static void AddProbabilities(Span<float> pixel, int[] channels, float[] sum)
    {
        if (channels.Length == 1)
        {
            Softmax(pixel);
        }
        else
        {
            // Softmax of the merged logits log(p / (1 - p)): the odds, made to sum to one.
            var total = 0f;
            foreach (ref var value in Merge(pixel, channels))
            {
                value = value < 0 ? 0 : value / (1 - value);
                total += value;
            }

            foreach (ref var value in pixel)
            {
                value /= total;
            }
        }

        for (var c = 0; c < sum.Length; c++)
        {
            sum[c] += pixel[c];
        }
    }

    private static void Softmax(Span<float> values)
    {
        var max = Best(values).Value;
        var sum = 0f;
        foreach (ref var value in values)
        {
            value = MathF.Exp(value - max);
            sum += value;
        }

        foreach (ref var value in values)
        {
            value /= sum;
        }
    }

    /// <summary>Probabilities of single pixels after decoding; quick for pixels row by row. Not thread-safe.</summary>
    private sealed class Lookup(LogitSampler[] samplers, byte[] ids)
    {
        private readonly RowBuffers buffers = new(samplers);
        private int row = -1;

        public float At(int id, int x, int y)
        {
            Array.Clear(buffers.Mean);
            for (var i = 0; i < samplers.Length; i++)
            {
                if (y != row)
                {
                    samplers[i].BlendRow(y, buffers.Rows[i]);
                }

                samplers[i].Pixel(buffers.Rows[i], x, buffers.Pixel);
                AddProbabilities(buffers.Pixel, samplers[0].Channels, buffers.Mean);
            }

            row = y;
            return buffers.Mean[Array.IndexOf(ids, (byte)id)] / samplers.Length;
        }
    }

    private sealed class RowBuffers(LogitSampler[] samplers)
    {
        public readonly float[][] Rows = [.. samplers.Select(sampler => new float[sampler.RowLength])];
        public readonly float[] Pixel = new float[samplers[0].Channels.Sum()];
        public readonly float[] Mean = new float[samplers[0].Channels.Sum()];
        public readonly long[] Probability = new long[LabelMap.MaxId + 1];
        public readonly long[] Area = new long[LabelMap.MaxId + 1];
    }
}

/// <summary>A label map with, per id, the summed probability of its pixels and their number.</summary>
internal sealed record DecodedLabels(LabelMap Labels, double[] Probability, long[] Area)
{
    /// <summary>Mean probability inside an object's mask, 0 where it has no pixel.</summary>
    public double Confidence(int id) => Area[id] == 0 ? 0 : Probability[id] / Area[id];

    /// <summary>Probability of a tracked object (id, x, y) at a pixel of the label map, 0..1; computed when asked, quick row by row.</summary>
    public required Func<int, int, int, float> ProbabilityAt { get; init; }
}
