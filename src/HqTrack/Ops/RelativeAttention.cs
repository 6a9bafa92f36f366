using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>
/// Attention whose bias is the sum of a row term and a column term. Scores exist for one block of queries at a time, small enough to
/// stay in the cache, never for all heads at once.
/// </summary>
internal static class RelativeAttention
{
    private const long BlockScores = 1024 * 1024; // 4 MB of float32; measured: a quarter of it and twice as much are both slower

    /// <summary>softmax(scale * q k + rows + columns) v.</summary>
    /// <param name="q">[N, L, D], N images, windows and heads.</param>
    /// <param name="k">[N, L', D] with L' = H' * W'.</param>
    /// <param name="v">[N, L', D]</param>
    /// <param name="rows">[N, L, H'], or null for no bias.</param>
    /// <param name="columns">[N, L, W'], or null for no bias.</param>
    /// <param name="scale">Factor of the dot products.</param>
    /// <returns>[N, L, D]</returns>
    public static Tensor Forward(Tensor q, Tensor k, Tensor v, Tensor? rows, Tensor? columns, double scale)
    {
        using var scope = NewDisposeScope();
        long heads = q.size(0), length = q.size(1), keys = k.size(1);
        var block = Math.Clamp(BlockScores / keys, 1, length);
        if (block < length)
        {
            return stack([.. Enumerable.Range(0, (int)heads).Select(n => Head(q[n], k[n], v[n], rows?[n], columns?[n], block, (float)scale))]).MoveToOuterDisposeScope();
        }

        var together = Math.Clamp(BlockScores / (length * keys), 1, heads);
        var parts = new List<Tensor>();
        for (long n = 0; n < heads; n += together)
        {
            var count = Math.Min(together, heads - n);
            parts.Add(Batch(
                q.narrow(0, n, count), k.narrow(0, n, count), v.narrow(0, n, count), rows?.narrow(0, n, count), columns?.narrow(0, n, count), (float)scale));
        }

        return cat(parts).MoveToOuterDisposeScope();
    }

    /// <summary>One head, a block of queries at a time: [L, D] -> [L, D].</summary>
    private static Tensor Head(Tensor q, Tensor k, Tensor v, Tensor? rows, Tensor? columns, long block, float scale)
    {
        using var scope = NewDisposeScope();
        var transposed = k.contiguous().t(); // every block reads all keys and values
        v = v.contiguous();
        var parts = new List<Tensor>();
        for (long start = 0; start < q.size(0); start += block)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(block, q.size(0) - start);
            var queries = q.narrow(0, start, count);
            var scores = rows is null
                ? (queries * scale).matmul(transposed)
                : (rows.narrow(0, start, count).unsqueeze(2) + columns!.narrow(0, start, count).unsqueeze(1)).view(count, -1).addmm_(queries, transposed, 1, scale);
            parts.Add(softmax(scores, -1).matmul(v).MoveToOuterDisposeScope());
        }

        return cat(parts).MoveToOuterDisposeScope();
    }

    /// <summary>Several small heads together: [n, L, D] -> [n, L, D].</summary>
    private static Tensor Batch(Tensor q, Tensor k, Tensor v, Tensor? rows, Tensor? columns, float scale)
    {
        using var scope = NewDisposeScope();
        q = q * scale;
        var transposed = k.transpose(1, 2);
        var scores = rows is null
            ? q.bmm(transposed)
            : AddProduct((rows.unsqueeze(3) + columns!.unsqueeze(2)).view(q.size(0), q.size(1), -1), q, transposed);
        return softmax(scores, -1).bmm(v).MoveToOuterDisposeScope();
    }

    // TorchSharp 0.107 passes baddbmm's arguments in another order than it declares: x.baddbmm(y, z) gives z + x y.
    private static Tensor AddProduct(Tensor bias, Tensor a, Tensor b) => a.baddbmm(b, bias);
}
