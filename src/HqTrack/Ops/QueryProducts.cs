using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HqTrack.Ops.Simd;

namespace HqTrack.Ops;

/// <summary>Dot products of queries with the K*K positions of their windows: four queries at a time with the columns that their windows cover together, as small dense products.</summary>
internal sealed unsafe class QueryProducts<T, V, S>
    where T : unmanaged, IFloatingPointIeee754<T>
    where V : struct
    where S : struct, ISimd<T, V>
{
    private const int Block = WindowShape.Block;

    private readonly WindowShape shape;
    private readonly int planeStride;
    private readonly int registers;
    private readonly int tileStride;

    public QueryProducts(WindowShape shape)
    {
        this.shape = shape;
        registers = (shape.Span + S.Width - 1) / S.Width;
        planeStride = WindowShape.RoundUp(((shape.Blocks - 1) * Block) + (registers * S.Width));
        tileStride = WindowShape.RoundUp((registers + 1) * S.Width + Block);
        RowStride = WindowShape.RoundUp(shape.Positions + S.Width);
    }

    /// <summary>Distance from one query's products to the next's.</summary>
    public int RowStride { get; }

    /// <summary>Elements of room that a thread needs.</summary>
    public int TileLength => shape.Side * Block * tileStride;

    /// <summary>Copies [B, L, C] into planes, one for each row of the grid and channel. The caller frees them, aligned.</summary>
    public T* Pack(T* source, int channels)
    {
        var planes = (T*)NativeMemory.AlignedAlloc((nuint)shape.Batch * (nuint)shape.Height * (nuint)channels * (nuint)planeStride * (nuint)sizeof(T), 64);
        ParallelRows.For(shape.Batch * shape.Height, 0, (row, _) => DotProducts<T, V, S>.Pack(
            source + ((nint)row * shape.Width * channels), planes + ((nint)row * channels * planeStride), shape.Width, channels, shape.Radius, planeStride));
        return planes;
    }

    /// <summary>products[i, K*K] = factor * dot products of a block's rows with their windows; <paramref name="outside"/> beyond the grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(T* queries, T* planes, int channels, T factor, T outside, int row, int block, T* tile, T* products)
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
            var target = products + (i * RowStride);
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
            new Span<T>(target + done, RowStride - done).Fill(outside);
        }
    }
}
