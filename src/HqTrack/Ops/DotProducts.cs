using System.Numerics;
using System.Runtime.CompilerServices;
using HqTrack.Ops.Simd;

namespace HqTrack.Ops;

/// <summary>Dot products of four neighbouring queries with the columns of key rows whose channels lie in planes.</summary>
internal static unsafe class DotProducts<T, V, S>
    where T : unmanaged, IFloatingPointIeee754<T>
    where V : struct
    where S : struct, ISimd<T, V>
{
    /// <summary>Copies [H, W, D] to planes [H, D, stride] with <paramref name="left"/> zeros before and zeros after each row of W.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(T* source, T* target, int width, int channels, int left, int stride)
    {
        const int Block = 16; // planes whose cache lines stay near while the columns go by
        new Span<T>(target, channels * stride).Clear();
        for (var first = 0; first < channels; first += Block)
        {
            var end = Math.Min(first + Block, channels);
            for (var x = 0; x < width; x++)
            {
                T* pixel = source + ((nint)x * channels), plane = target + ((nint)first * stride) + left + x;
                for (var d = first; d < end; d++, plane += stride)
                {
                    *plane = pixel[d];
                }
            }
        }
    }

    /// <summary>Two registers of columns, each of its own key row or of the same: tile[i, :] = sum over d of queries[i, d] * keys[d, :].</summary>
    /// <param name="q0">First query; likewise the others, which may repeat.</param>
    /// <param name="q1">Second query.</param>
    /// <param name="q2">Third query.</param>
    /// <param name="q3">Fourth query.</param>
    /// <param name="a">Columns of the first plane, first register.</param>
    /// <param name="b">Columns of the first plane, second register.</param>
    /// <param name="plane">Distance between planes.</param>
    /// <param name="channels">Planes.</param>
    /// <param name="tileA">Where query 0's first register goes.</param>
    /// <param name="tileB">Where query 0's second register goes.</param>
    /// <param name="query">Distance between the queries' tiles.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(T* q0, T* q1, T* q2, T* q3, T* a, T* b, nint plane, int channels, T* tileA, T* tileB, nint query)
    {
        V a0 = S.Zero, a1 = S.Zero, a2 = S.Zero, a3 = S.Zero, b0 = S.Zero, b1 = S.Zero, b2 = S.Zero, b3 = S.Zero;
        for (var d = 0; d < channels; d++)
        {
            V x = S.Load(a), y = S.Load(b);
            var s0 = S.Broadcast(q0[d]);
            a0 = S.MultiplyAdd(s0, x, a0);
            b0 = S.MultiplyAdd(s0, y, b0);
            var s1 = S.Broadcast(q1[d]);
            a1 = S.MultiplyAdd(s1, x, a1);
            b1 = S.MultiplyAdd(s1, y, b1);
            var s2 = S.Broadcast(q2[d]);
            a2 = S.MultiplyAdd(s2, x, a2);
            b2 = S.MultiplyAdd(s2, y, b2);
            var s3 = S.Broadcast(q3[d]);
            a3 = S.MultiplyAdd(s3, x, a3);
            b3 = S.MultiplyAdd(s3, y, b3);
            a += plane;
            b += plane;
        }

        S.Store(tileA, a0);
        S.Store(tileA + query, a1);
        S.Store(tileA + (2 * query), a2);
        S.Store(tileA + (3 * query), a3);
        S.Store(tileB, b0);
        S.Store(tileB + query, b1);
        S.Store(tileB + (2 * query), b2);
        S.Store(tileB + (3 * query), b3);
    }
}
