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
    private readonly int planeStride;
    private readonly int registers;
    private readonly int tileStride;
    private readonly int scoreStride;
    private readonly int bandStride;

    public LocalAttentionKernel(WindowShape shape, double scale)
    {
        this.shape = shape;
        this.scale = T.CreateChecked(scale);
        registers = (shape.Span + S.Width - 1) / S.Width;
        planeStride = RoundUp(((shape.Blocks - 1) * Block) + (registers * S.Width));
        tileStride = RoundUp((registers + 1) * S.Width + Block);
        scoreStride = RoundUp(shape.Positions + S.Width);
        bandStride = RoundUp(Block + (shape.Side * shape.BandRow) + S.Width);
    }

    private int TileLength => shape.Side * Block * tileStride;

    private int BandLength => Block * bandStride;

    /// <summary>out = softmax(scale * q k + bias) v.</summary>
    /// <param name="q">[B, L, D]</param>
    /// <param name="k">[B, L, D]</param>
    /// <param name="v">[B, L, C]</param>
    /// <param name="bias">[K*K] or [B, L, K*K] or null.</param>
    /// <param name="biasStride">Distance of the bias from one query to the next: 0 when shared.</param>
    /// <param name="result">[B, L, C]</param>
    public void Forward(T* q, T* k, T* v, T* bias, nint biasStride, T* result)
    {
        var keys = PackPlanes(k, shape.KeyDim);
        try
        {
            var scratch = (nuint)(((shape.Blocks * BandLength) + TileLength + (Block * scoreStride)) * sizeof(T));
            ParallelRows.For(shape.Batch * shape.Height, scratch, (row, memory) =>
            {
                var bands = (T*)memory;
                var tile = bands + (shape.Blocks * BandLength);
                var scores = tile + TileLength;
                for (var block = 0; block < shape.Blocks; block++)
                {
                    Weights(q, keys, bias, biasStride, row, block, tile, scores);
                    var band = bands + (block * BandLength);
                    for (var i = 0; i < Block; i++)
                    {
                        Spread(scores + (i * scoreStride), T.One, band + (i * bandStride));
                    }
                }

                Sum(bands, v, shape.Channels, row, result);
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
        T* keys = PackPlanes(k, shape.KeyDim), values = PackPlanes(v, shape.Channels);
        try
        {
            var scratch = (nuint)(((shape.Blocks * BandLength) + TileLength + (2 * Block * scoreStride)) * sizeof(T));
            ParallelRows.For(shape.Batch * shape.Height, scratch, (row, memory) =>
            {
                var bands = (T*)memory;
                var tile = bands + (shape.Blocks * BandLength);
                T* scores = tile + TileLength, products = scores + (Block * scoreStride);
                for (var block = 0; block < shape.Blocks; block++)
                {
                    Weights(q, keys, bias, biasStride, row, block, tile, scores);
                    Products(gradient, values, shape.Channels, T.One, T.Zero, row, block, tile, products);
                    ScoreGradients(row, block, scores, products, weights, gs, bands + (block * BandLength));
                }

                if (gq != null)
                {
                    Sum(bands, k, shape.KeyDim, row, gq);
                }
            });

            // A key at distance e from a query has the query at -e: the same sums with the weights read the other way round.
            ParallelRows.For(shape.Batch * shape.Height, (nuint)(shape.Blocks * BandLength * sizeof(T)), (row, memory) =>
            {
                var bands = (T*)memory;
                if (gk != null)
                {
                    Gather(gs, scale, row, bands);
                    Sum(bands, q, shape.KeyDim, row, gk);
                }

                if (gv != null)
                {
                    Gather(weights, T.One, row, bands);
                    Sum(bands, gradient, shape.Channels, row, gv);
                }
            });
        }
        finally
        {
            NativeMemory.AlignedFree(keys);
            NativeMemory.AlignedFree(values);
        }
    }

    private static int RoundUp(int length) => (length + 15) & ~15;

    private T* PackPlanes(T* source, int channels)
    {
        var planes = (T*)NativeMemory.AlignedAlloc((nuint)shape.Batch * (nuint)shape.Height * (nuint)channels * (nuint)planeStride * (nuint)sizeof(T), 64);
        ParallelRows.For(shape.Batch * shape.Height, 0, (row, _) => DotProducts<T, V, S>.Pack(
            source + ((nint)row * shape.Width * channels), planes + ((nint)row * channels * planeStride), shape.Width, channels, shape.Radius, planeStride));
        return planes;
    }

    /// <summary>Softmax weights of a block: scores[i, K*K]; queries beyond the row's end get zeros.</summary>
    private void Weights(T* q, T* keys, T* bias, nint biasStride, int row, int block, T* tile, T* scores)
    {
        Products(q, keys, shape.KeyDim, scale, T.NegativeInfinity, row, block, tile, scores);
        for (var i = 0; i < Block; i++)
        {
            var x = (block * Block) + i;
            if (x < shape.Width)
            {
                Softmax(scores + (i * scoreStride), bias == null ? null : bias + ((((nint)row * shape.Width) + x) * biasStride));
            }
            else
            {
                new Span<T>(scores + (i * scoreStride), scoreStride).Clear();
            }
        }
    }

    /// <summary>products[i, K*K] = factor * dot products of a block's rows with their windows; <paramref name="outside"/> beyond the grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Products(T* queries, T* planes, int channels, T factor, T outside, int row, int block, T* tile, T* products)
    {
        int image = row / shape.Height, y = row % shape.Height, x0 = block * Block, side = shape.Side;
        var (first, end) = shape.Rows(y);
        var q0 = queries + ((((nint)row * shape.Width) + x0) * channels);
        nint left = shape.Width - 1 - x0;
        T* q1 = q0 + (Math.Min(1, left) * channels), q2 = q0 + (Math.Min(2, left) * channels), q3 = q0 + (Math.Min(3, left) * channels);
        var columns = planes + ((((nint)image * shape.Height) + first) * channels * planeStride) + x0;
        var pieces = (end - first) * registers;
        for (var piece = 0; piece < pieces; piece += 2)
        {
            var other = Math.Min(piece + 1, pieces - 1);
            DotProducts<T, V, S>.Run(
                q0, q1, q2, q3, Columns(piece), Columns(other), planeStride, channels, Tile(piece), Tile(other), tileStride);
        }

        T* Columns(int piece) => columns + ((nint)(piece / registers) * channels * planeStride) + (piece % registers * S.Width);
        T* Tile(int piece) => tile + (piece / registers * Block * tileStride) + (piece % registers * S.Width);

        var top = first - (y - shape.Radius);
        var f = S.Broadcast(factor);
        for (var i = 0; i < Block; i++)
        {
            var target = products + (i * scoreStride);
            new Span<T>(target, top * side).Fill(outside);
            var x = Math.Min(x0 + i, shape.Width - 1);
            int missingLeft = Math.Max(0, shape.Radius - x), missingRight = Math.Max(0, x + shape.Radius - (shape.Width - 1));
            for (var dy = 0; dy < end - first; dy++)
            {
                T* from = tile + (((dy * Block) + i) * tileStride) + i, to = target + ((top + dy) * side);
                for (var dx = 0; dx < side; dx += S.Width)
                {
                    S.Store(to + dx, S.Multiply(S.Load(from + dx), f)); // runs over into the next row, which is written after
                }

                new Span<T>(to, missingLeft).Fill(outside);
                new Span<T>(to + side - missingRight, missingRight).Fill(outside);
            }

            var done = (top + end - first) * side;
            new Span<T>(target + done, scoreStride - done).Fill(outside);
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
    private void ScoreGradients(int row, int block, T* scores, T* products, T* weights, T* gs, T* band)
    {
        var n = shape.Positions;
        for (var i = 0; i < Block; i++)
        {
            T* p = scores + (i * scoreStride), dp = products + (i * scoreStride);
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

            Spread(dp, scale, band + (i * bandStride));
            var x = (block * Block) + i;
            if (x < shape.Width)
            {
                var at = (((nint)row * shape.Width) + x) * n;
                new Span<T>(p, n).CopyTo(new Span<T>(weights + at, n));
                new Span<T>(dp, n).CopyTo(new Span<T>(gs + at, n));
            }
        }
    }

    /// <summary>Writes K*K weights as a band.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread(T* weights, T factor, T* band)
    {
        var side = shape.Side;
        var f = S.Broadcast(factor);
        new Span<T>(band, Block - 1).Clear();
        band += Block - 1;
        for (var y = 0; y < side; y++, weights += side, band += shape.BandRow)
        {
            for (var x = 0; x < side; x += S.Width)
            {
                S.Store(band + x, S.Multiply(S.Load(weights + x), f));
            }

            new Span<T>(band + side, Block - 1).Clear();
        }
    }

    /// <summary>Bands of the weights with which the positions of a row are seen by the queries around them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(T* weights, T factor, int row, T* bands)
    {
        int y = row % shape.Height, side = shape.Side, n = shape.Positions, radius = shape.Radius;
        var (first, end) = shape.Rows(y);
        new Span<T>(bands, shape.Blocks * BandLength).Clear();
        for (var x = 0; x < shape.Width; x++)
        {
            var band = bands + (x / Block * BandLength) + (x % Block * bandStride) + Block - 1;
            int left = Math.Max(0, x - radius), right = Math.Min(shape.Width, x + radius + 1);
            for (var qy = first; qy < end; qy++)
            {
                var line = band + ((qy - y + radius) * shape.BandRow) + radius - x;
                var from = weights + ((((nint)(row - y + qy) * shape.Width) + left) * n) + ((y - qy + radius) * side) + (x - left + radius);
                for (var qx = left; qx < right; qx++, from += n - 1)
                {
                    line[qx] = *from * factor;
                }
            }
        }
    }

    /// <summary>One row of sums: target[x, :] = sum of the window's values with the row's bands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sum(T* bands, T* values, int channels, int row, T* target)
    {
        int image = row / shape.Height, y = row % shape.Height;
        var (first, end) = shape.Rows(y);
        var line = (nint)shape.Width * channels;
        values += (((nint)image * shape.Height) + first) * line;
        target += row * line;
        var top = first - (y - shape.Radius);
        for (var chunk = WeightedSums<T, V, S>.Chunk(0, channels); ; chunk = WeightedSums<T, V, S>.Chunk(chunk.Next, channels))
        {
            for (var block = 0; block < shape.Blocks; block++)
            {
                var x0 = block * Block;
                int left = Math.Max(0, x0 - shape.Radius), right = Math.Min(shape.Width, x0 - shape.Radius + shape.Span);
                var weights = bands + (block * BandLength) + Block - 1 + (top * shape.BandRow) + (left - (x0 - shape.Radius));
                WeightedSums<T, V, S>.Run(
                    weights, bandStride - 1, shape.BandRow, values + ((nint)left * channels), channels, line, end - first, right - left, chunk,
                    target + ((nint)x0 * channels), Math.Min(Block, shape.Width - x0));
            }

            if (chunk.Next >= channels)
            {
                return;
            }
        }
    }
}
