using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>
/// Attention to a whole memory in blocks of keys with a running maximum and sum (Milakov and Gimelshein 2018; Dao et al. 2022):
/// products by the library, softmax in place by <see cref="RunningSoftmax"/>. float32 on the CPU, no gradients.
/// </summary>
internal static class BlockedAttention
{
    // Large enough for the library's products to run at full speed, small enough for a block of scores (8 MB) to stay in the last cache.
    private const int MaxQueries = 2048;
    private const int MaxKeys = 1024;

    // The scores of a thread's current block. Kept: the sizes of all frames are the same.
    [ThreadStatic]
    private static float[]? buffer;

    /// <summary>softmax(scale * q k) v; shapes as in <see cref="Attention.Forward"/>.</summary>
    public static Tensor Forward(Tensor q, Tensor k, Tensor v, double scale)
    {
        using var scope = NewDisposeScope();
        long batch = q.size(0), length = q.size(1);
        var result = empty(batch, length, v.size(2), dtype: v.dtype);
        var block = Even(length, MaxQueries);
        using var scores = Buffer(block * Math.Min(k.size(1), MaxKeys));
        for (var b = 0; b < batch; b++)
        {
            for (long first = 0; first < length; first += block)
            {
                using var inner = NewDisposeScope();
                var count = Math.Min(block, length - first);
                Block(q[b].narrow(0, first, count), k[b], v[b], (float)scale, scores, result[b].narrow(0, first, count));
            }
        }

        return result.MoveToOuterDisposeScope();
    }

    private static void Block(Tensor q, Tensor k, Tensor v, float scale, Tensor buffer, Tensor result)
    {
        long queries = q.size(0), keys = k.size(0);
        var step = Even(keys, MaxKeys);
        var softmax = new RunningSoftmax((int)queries);
        for (long first = 0; first < keys; first += step)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(step, keys - first);
            var scores = buffer.narrow(0, 0, queries * count).view(queries, count);
            scores.addmm_(q, k.narrow(0, first, count).t(), 0, scale);
            softmax.Step(scores, result, isFirst: first == 0);
            result.addmm_(scores, v.narrow(0, first, count), first == 0 ? 0 : 1, 1);
        }

        softmax.Finish(result);
    }

    /// <summary>Size of equal parts of at most <paramref name="most"/>.</summary>
    private static long Even(long length, int most)
    {
        var parts = Math.Max(1, (length + most - 1) / most);
        return (length + parts - 1) / parts;
    }

    private static Tensor Buffer(long length)
    {
        if (buffer is null || buffer.Length < length)
        {
            buffer = GC.AllocateUninitializedArray<float>((int)length, pinned: true);
        }

        return frombuffer(buffer, ScalarType.Float32);
    }
}
