using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HqTrack.Ops.Simd;

namespace HqTrack.Ops;

/// <summary>
/// Windowed attention on the CPU, forward and backward, streaming over the rows of the grid. For each row, blocks of four queries
/// multiply with the columns that their windows cover together (small dense products), the softmax runs over each query's own
/// K*K positions, and the weighted values are summed in registers.
/// </summary>
/// <remarks>
/// Memory beyond inputs and outputs: keys in planes (forward); values in planes and two arrays of [B, H*W, K*K] weights (backward).
/// Every row of an output is written by one thread in a fixed order, so results do not depend on the number of threads.
/// </remarks>
internal sealed unsafe class LocalAttentionKernel<T, V, S>
    where T : unmanaged, IFloatingPointIeee754<T>
    where V : struct
    where S : struct, ISimd<T, V>
{
    private const int Block = WindowShape.Block;

    private readonly WindowShape shape;
    private readonly T scale;
    private readonly QueryProducts<T, V, S> products;
    private readonly WindowBands<T, V, S> bands;

    public LocalAttentionKernel(WindowShape shape, double scale)
    {
        this.shape = shape;
        this.scale = T.CreateChecked(scale);
        products = new(shape);
        bands = new(shape);
    }

    /// <summary>out = softmax(scale * q k + bias) v.</summary>
    /// <param name="q">[B, L, D]</param>
    /// <param name="k">[B, L, D]</param>
    /// <param name="v">[B, L, C]</param>
    /// <param name="bias">[K*K] or [B, L, K*K] or null.</param>
    /// <param name="biasStride">Distance of the bias from one query to the next: 0 when shared.</param>
    /// <param name="result">[B, L, C]</param>
    public void Forward(T* q, T* k, T* v, T* bias, nint biasStride, T* result)
    {
        var keys = products.Pack(k, shape.KeyDim);
        try
        {
            var scratch = (nuint)(((shape.Blocks * bands.Length) + products.TileLength + (Block * products.RowStride)) * sizeof(T));
            ParallelRows.For(shape.Batch * shape.Height, scratch, (row, memory) =>
            {
                var own = (T*)memory;
                var tile = own + (shape.Blocks * bands.Length);
                var scores = tile + products.TileLength;
                for (var block = 0; block < shape.Blocks; block++)
                {
                    Weights(q, keys, bias, biasStride, row, block, tile, scores);
                    var band = own + (block * bands.Length);
                    for (var i = 0; i < Block; i++)
                    {
                        bands.Spread(scores + (i * products.RowStride), T.One, band + (i * bands.Stride));
                    }
                }

                bands.Sum(own, v, shape.Channels, row, result);
            });
        }
        finally
        {
            NativeMemory.AlignedFree(keys);
        }
    }

    /// <summary>Gradients; null pointers are not computed.</summary>
    /// <param name="q">[B, L, D]</param>
    /// <param name="k">[B, L, D]</param>
    /// <param name="v">[B, L, C]</param>
    /// <param name="bias">As in <see cref="Forward"/>.</param>
    /// <param name="biasStride">As in <see cref="Forward"/>.</param>
    /// <param name="gradient">Gradient of the result, [B, L, C].</param>
    /// <param name="gq">[B, L, D]</param>
    /// <param name="gk">[B, L, D]</param>
    /// <param name="gv">[B, L, C]</param>
    /// <param name="weights">Room for the weights, [B, L, K*K].</param>
    /// <param name="gs">Gradient of the biased scores, [B, L, K*K]; always computed.</param>
    public void Backward(T* q, T* k, T* v, T* bias, nint biasStride, T* gradient, T* gq, T* gk, T* gv, T* weights, T* gs)
    {
        T* keys = products.Pack(k, shape.KeyDim), values = products.Pack(v, shape.Channels);
        try
        {
            var scratch = (nuint)(((shape.Blocks * bands.Length) + products.TileLength + (2 * Block * products.RowStride)) * sizeof(T));
            ParallelRows.For(shape.Batch * shape.Height, scratch, (row, memory) =>
            {
                var own = (T*)memory;
                var tile = own + (shape.Blocks * bands.Length);
                T* scores = tile + products.TileLength, slopes = scores + (Block * products.RowStride);
                for (var block = 0; block < shape.Blocks; block++)
                {
                    Weights(q, keys, bias, biasStride, row, block, tile, scores);
                    products.Run(gradient, values, shape.Channels, T.One, T.Zero, row, block, tile, slopes);
                    ScoreGradients(row, block, scores, slopes, weights, gs, own + (block * bands.Length));
                }

                if (gq != null)
                {
                    bands.Sum(own, k, shape.KeyDim, row, gq);
                }
            });

            // A key at distance e from a query has the query at -e: the same sums with the weights read the other way round.
            ParallelRows.For(shape.Batch * shape.Height, (nuint)(shape.Blocks * bands.Length * sizeof(T)), (row, memory) =>
            {
                var own = (T*)memory;
                if (gk != null)
                {
                    bands.Gather(gs, scale, row, own);
                    bands.Sum(own, q, shape.KeyDim, row, gk);
                }

                if (gv != null)
                {
                    bands.Gather(weights, T.One, row, own);
                    bands.Sum(own, gradient, shape.Channels, row, gv);
                }
            });
        }
        finally
        {
            NativeMemory.AlignedFree(keys);
            NativeMemory.AlignedFree(values);
        }
    }

    /// <summary>Softmax weights of a block: scores[i, K*K]; queries beyond the row's end get zeros.</summary>
    private void Weights(T* q, T* keys, T* bias, nint biasStride, int row, int block, T* tile, T* scores)
    {
        products.Run(q, keys, shape.KeyDim, scale, T.NegativeInfinity, row, block, tile, scores);
        for (var i = 0; i < Block; i++)
        {
            var x = (block * Block) + i;
            if (x < shape.Width)
            {
                Softmax(scores + (i * products.RowStride), bias == null ? null : bias + ((((nint)row * shape.Width) + x) * biasStride));
            }
            else
            {
                new Span<T>(scores + (i * products.RowStride), products.RowStride).Clear();
            }
        }
    }

    /// <summary>scores + bias become weights that sum to one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Softmax(T* scores, T* bias)
    {
        int n = shape.Positions, whole = n - (n % S.Width);
        if (bias != null)
        {
            for (var i = 0; i < whole; i += S.Width)
            {
                S.Store(scores + i, S.Add(S.Load(scores + i), S.Load(bias + i)));
            }

            for (var i = whole; i < n; i++)
            {
                scores[i] += bias[i];
            }
        }

        // Beyond n the scores are -infinity up to the next whole register.
        var largest = S.Load(scores);
        for (var i = S.Width; i < n; i += S.Width)
        {
            largest = S.Max(largest, S.Load(scores + i));
        }

        var max = S.Broadcast(S.Max(largest));
        var sums = S.Zero;
        for (var i = 0; i < n; i += S.Width)
        {
            var e = S.Exp(S.Subtract(S.Load(scores + i), max));
            S.Store(scores + i, e);
            sums = S.Add(sums, e);
        }

        var inverse = S.Broadcast(T.One / S.Sum(sums));
        for (var i = 0; i < n; i += S.Width)
        {
            S.Store(scores + i, S.Multiply(S.Load(scores + i), inverse));
        }
    }

    /// <summary>gs = p * (dp - sum p dp) for a block; p and gs are kept, scale * gs goes to the band.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScoreGradients(int row, int block, T* scores, T* slopes, T* weights, T* gs, T* band)
    {
        var n = shape.Positions;
        for (var i = 0; i < Block; i++)
        {
            T* p = scores + (i * products.RowStride), dp = slopes + (i * products.RowStride);
            var sums = S.Zero;
            for (var j = 0; j < n; j += S.Width)
            {
                sums = S.MultiplyAdd(S.Load(p + j), S.Load(dp + j), sums);
            }

            var mean = S.Broadcast(S.Sum(sums));
            for (var j = 0; j < n; j += S.Width)
            {
                S.Store(dp + j, S.Multiply(S.Load(p + j), S.Subtract(S.Load(dp + j), mean)));
            }

            bands.Spread(dp, scale, band + (i * bands.Stride));
            var x = (block * Block) + i;
            if (x < shape.Width)
            {
                var at = (((nint)row * shape.Width) + x) * n;
                new Span<T>(p, n).CopyTo(new Span<T>(weights + at, n));
                new Span<T>(dp, n).CopyTo(new Span<T>(gs + at, n));
            }
        }
    }
}
