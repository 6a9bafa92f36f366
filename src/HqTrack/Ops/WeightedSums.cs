using System.Numerics;
using System.Runtime.CompilerServices;
using HqTrack.Ops.Simd;

namespace HqTrack.Ops;

/// <summary>
/// Sums of value rows with a band of weights: the second half of windowed attention, and three of its gradients. Blocks of four
/// neighbouring queries share their values; accumulators stay in registers over the whole window.
/// </summary>
/// <remarks>Written out per block size: the JIT keeps named locals in registers, not arrays.</remarks>
internal static unsafe class WeightedSums<T, V, S>
    where T : unmanaged, IFloatingPointIeee754<T>
    where V : struct
    where S : struct, ISimd<T, V>
{
    /// <summary>target[i, :] = sum over rows and columns of weights[i, row, column] * values[row, column, :] for four queries i.</summary>
    /// <param name="weights">Weight of query 0 at the first row and column; columns are neighbours.</param>
    /// <param name="query">Distance from a query's weight to the next query's of the same column.</param>
    /// <param name="row">Distance between rows of weights.</param>
    /// <param name="values">First row and column, first channel of the chunk.</param>
    /// <param name="column">Distance between columns of values, and of targets.</param>
    /// <param name="line">Distance between rows of values.</param>
    /// <param name="rows">Rows of the window inside the grid.</param>
    /// <param name="columns">Columns of the four windows together inside the grid.</param>
    /// <param name="chunk">Channels, from <see cref="Chunk"/>.</param>
    /// <param name="target">Query 0, first channel of the chunk.</param>
    /// <param name="count">Queries to store, 1 to 4.</param>
    public static void Run(T* weights, nint query, nint row, T* values, nint column, nint line, int rows, int columns, Range chunk, T* target, int count)
    {
        var last = (nint)chunk.Last;
        values += chunk.First;
        target += chunk.First;
        switch (chunk.Vectors)
        {
            case 6: Sum6(weights, query, row, values, column, line, rows, columns, last, target, column, count); break;
            case 3: Sum3(weights, query, row, values, column, line, rows, columns, last, target, column, count); break;
            case 2: Sum2(weights, query, row, values, column, line, rows, columns, last, target, column, count); break;
            default: Sum1(weights, query, row, values, column, line, rows, columns, last, target, column, count); break;
        }
    }

    /// <summary>The chunk of channels that starts at <paramref name="first"/>; the last vector of a row ends with it and may overlap the one before.</summary>
    public static Range Chunk(int first, int channels)
    {
        var vectors = (channels - first + S.Width - 1) / S.Width;
        var taken = vectors >= 6 && S.HasManyRegisters ? 6 : Math.Min(vectors, 3);
        var next = Math.Min(first + (taken * S.Width), channels);
        return new(first, taken, next - S.Width - first, next);
    }

    /// <summary>Channels handled at once.</summary>
    /// <param name="First">First channel.</param>
    /// <param name="Vectors">Registers.</param>
    /// <param name="Last">Offset of the last register from the first channel.</param>
    /// <param name="Next">First channel of the next chunk.</param>
    public readonly record struct Range(int First, int Vectors, int Last, int Next);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum6(T* weights, nint query, nint row, T* values, nint column, nint line, int rows, int columns, nint last, T* target, nint stride, int count)
    {
        V a00 = S.Zero, a01 = S.Zero, a02 = S.Zero, a03 = S.Zero, a04 = S.Zero, a05 = S.Zero;
        V a10 = S.Zero, a11 = S.Zero, a12 = S.Zero, a13 = S.Zero, a14 = S.Zero, a15 = S.Zero;
        V a20 = S.Zero, a21 = S.Zero, a22 = S.Zero, a23 = S.Zero, a24 = S.Zero, a25 = S.Zero;
        V a30 = S.Zero, a31 = S.Zero, a32 = S.Zero, a33 = S.Zero, a34 = S.Zero, a35 = S.Zero;
        for (var y = 0; y < rows; y++)
        {
            T* w0 = weights + (y * row), w1 = w0 + query, w2 = w1 + query, w3 = w2 + query, x = values + (y * line);
            for (var i = 0; i < columns; i++)
            {
                V v0 = S.Load(x), v1 = S.Load(x + S.Width), v2 = S.Load(x + (2 * S.Width)), v3 = S.Load(x + (3 * S.Width)), v4 = S.Load(x + (4 * S.Width)), v5 = S.Load(x + last);
                var s0 = S.Broadcast(w0[i]);
                a00 = S.MultiplyAdd(s0, v0, a00);
                a01 = S.MultiplyAdd(s0, v1, a01);
                a02 = S.MultiplyAdd(s0, v2, a02);
                a03 = S.MultiplyAdd(s0, v3, a03);
                a04 = S.MultiplyAdd(s0, v4, a04);
                a05 = S.MultiplyAdd(s0, v5, a05);
                var s1 = S.Broadcast(w1[i]);
                a10 = S.MultiplyAdd(s1, v0, a10);
                a11 = S.MultiplyAdd(s1, v1, a11);
                a12 = S.MultiplyAdd(s1, v2, a12);
                a13 = S.MultiplyAdd(s1, v3, a13);
                a14 = S.MultiplyAdd(s1, v4, a14);
                a15 = S.MultiplyAdd(s1, v5, a15);
                var s2 = S.Broadcast(w2[i]);
                a20 = S.MultiplyAdd(s2, v0, a20);
                a21 = S.MultiplyAdd(s2, v1, a21);
                a22 = S.MultiplyAdd(s2, v2, a22);
                a23 = S.MultiplyAdd(s2, v3, a23);
                a24 = S.MultiplyAdd(s2, v4, a24);
                a25 = S.MultiplyAdd(s2, v5, a25);
                var s3 = S.Broadcast(w3[i]);
                a30 = S.MultiplyAdd(s3, v0, a30);
                a31 = S.MultiplyAdd(s3, v1, a31);
                a32 = S.MultiplyAdd(s3, v2, a32);
                a33 = S.MultiplyAdd(s3, v3, a33);
                a34 = S.MultiplyAdd(s3, v4, a34);
                a35 = S.MultiplyAdd(s3, v5, a35);
                x += column;
            }
        }

        S.Store(target, a00);
        S.Store(target + S.Width, a01);
        S.Store(target + (2 * S.Width), a02);
        S.Store(target + (3 * S.Width), a03);
        S.Store(target + (4 * S.Width), a04);
        S.Store(target + last, a05);
        if (count > 1)
        {
            S.Store(target + stride, a10);
            S.Store(target + stride + S.Width, a11);
            S.Store(target + stride + (2 * S.Width), a12);
            S.Store(target + stride + (3 * S.Width), a13);
            S.Store(target + stride + (4 * S.Width), a14);
            S.Store(target + stride + last, a15);
        }

        if (count > 2)
        {
            S.Store(target + (2 * stride), a20);
            S.Store(target + (2 * stride) + S.Width, a21);
            S.Store(target + (2 * stride) + (2 * S.Width), a22);
            S.Store(target + (2 * stride) + (3 * S.Width), a23);
            S.Store(target + (2 * stride) + (4 * S.Width), a24);
            S.Store(target + (2 * stride) + last, a25);
        }

        if (count > 3)
        {
            S.Store(target + (3 * stride), a30);
            S.Store(target + (3 * stride) + S.Width, a31);
            S.Store(target + (3 * stride) + (2 * S.Width), a32);
            S.Store(target + (3 * stride) + (3 * S.Width), a33);
            S.Store(target + (3 * stride) + (4 * S.Width), a34);
            S.Store(target + (3 * stride) + last, a35);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum3(T* weights, nint query, nint row, T* values, nint column, nint line, int rows, int columns, nint last, T* target, nint stride, int count)
    {
        V a00 = S.Zero, a01 = S.Zero, a02 = S.Zero;
        V a10 = S.Zero, a11 = S.Zero, a12 = S.Zero;
        V a20 = S.Zero, a21 = S.Zero, a22 = S.Zero;
        V a30 = S.Zero, a31 = S.Zero, a32 = S.Zero;
        for (var y = 0; y < rows; y++)
        {
            T* w0 = weights + (y * row), w1 = w0 + query, w2 = w1 + query, w3 = w2 + query, x = values + (y * line);
            for (var i = 0; i < columns; i++)
            {
                V v0 = S.Load(x), v1 = S.Load(x + S.Width), v2 = S.Load(x + last);
                var s0 = S.Broadcast(w0[i]);
                a00 = S.MultiplyAdd(s0, v0, a00);
                a01 = S.MultiplyAdd(s0, v1, a01);
                a02 = S.MultiplyAdd(s0, v2, a02);
                var s1 = S.Broadcast(w1[i]);
                a10 = S.MultiplyAdd(s1, v0, a10);
                a11 = S.MultiplyAdd(s1, v1, a11);
                a12 = S.MultiplyAdd(s1, v2, a12);
                var s2 = S.Broadcast(w2[i]);
                a20 = S.MultiplyAdd(s2, v0, a20);
                a21 = S.MultiplyAdd(s2, v1, a21);
                a22 = S.MultiplyAdd(s2, v2, a22);
                var s3 = S.Broadcast(w3[i]);
                a30 = S.MultiplyAdd(s3, v0, a30);
                a31 = S.MultiplyAdd(s3, v1, a31);
                a32 = S.MultiplyAdd(s3, v2, a32);
                x += column;
            }
        }

        S.Store(target, a00);
        S.Store(target + S.Width, a01);
        S.Store(target + last, a02);
        if (count > 1)
        {
            S.Store(target + stride, a10);
            S.Store(target + stride + S.Width, a11);
            S.Store(target + stride + last, a12);
        }

        if (count > 2)
        {
            S.Store(target + (2 * stride), a20);
            S.Store(target + (2 * stride) + S.Width, a21);
            S.Store(target + (2 * stride) + last, a22);
        }

        if (count > 3)
        {
            S.Store(target + (3 * stride), a30);
            S.Store(target + (3 * stride) + S.Width, a31);
            S.Store(target + (3 * stride) + last, a32);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum2(T* weights, nint query, nint row, T* values, nint column, nint line, int rows, int columns, nint last, T* target, nint stride, int count)
    {
        V a00 = S.Zero, a01 = S.Zero;
        V a10 = S.Zero, a11 = S.Zero;
        V a20 = S.Zero, a21 = S.Zero;
        V a30 = S.Zero, a31 = S.Zero;
        for (var y = 0; y < rows; y++)
        {
            T* w0 = weights + (y * row), w1 = w0 + query, w2 = w1 + query, w3 = w2 + query, x = values + (y * line);
            for (var i = 0; i < columns; i++)
            {
                V v0 = S.Load(x), v1 = S.Load(x + last);
                var s0 = S.Broadcast(w0[i]);
                a00 = S.MultiplyAdd(s0, v0, a00);
                a01 = S.MultiplyAdd(s0, v1, a01);
                var s1 = S.Broadcast(w1[i]);
                a10 = S.MultiplyAdd(s1, v0, a10);
                a11 = S.MultiplyAdd(s1, v1, a11);
                var s2 = S.Broadcast(w2[i]);
                a20 = S.MultiplyAdd(s2, v0, a20);
                a21 = S.MultiplyAdd(s2, v1, a21);
                var s3 = S.Broadcast(w3[i]);
                a30 = S.MultiplyAdd(s3, v0, a30);
                a31 = S.MultiplyAdd(s3, v1, a31);
                x += column;
            }
        }

        S.Store(target, a00);
        S.Store(target + last, a01);
        if (count > 1)
        {
            S.Store(target + stride, a10);
            S.Store(target + stride + last, a11);
        }

        if (count > 2)
        {
            S.Store(target + (2 * stride), a20);
            S.Store(target + (2 * stride) + last, a21);
        }

        if (count > 3)
        {
            S.Store(target + (3 * stride), a30);
            S.Store(target + (3 * stride) + last, a31);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum1(T* weights, nint query, nint row, T* values, nint column, nint line, int rows, int columns, nint last, T* target, nint stride, int count)
    {
        V a00 = S.Zero;
        V a10 = S.Zero;
        V a20 = S.Zero;
        V a30 = S.Zero;
        for (var y = 0; y < rows; y++)
        {
            T* w0 = weights + (y * row), w1 = w0 + query, w2 = w1 + query, w3 = w2 + query, x = values + (y * line);
            for (var i = 0; i < columns; i++)
            {
                V v0 = S.Load(x + last);
                var s0 = S.Broadcast(w0[i]);
                a00 = S.MultiplyAdd(s0, v0, a00);
                var s1 = S.Broadcast(w1[i]);
                a10 = S.MultiplyAdd(s1, v0, a10);
                var s2 = S.Broadcast(w2[i]);
                a20 = S.MultiplyAdd(s2, v0, a20);
                var s3 = S.Broadcast(w3[i]);
                a30 = S.MultiplyAdd(s3, v0, a30);
                x += column;
            }
        }

        S.Store(target + last, a00);
        if (count > 1)
        {
            S.Store(target + stride + last, a10);
        }

        if (count > 2)
        {
            S.Store(target + (2 * stride) + last, a20);
        }

        if (count > 3)
        {
            S.Store(target + (3 * stride) + last, a30);
        }
    }
}
