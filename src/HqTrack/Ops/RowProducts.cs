using System.Runtime.CompilerServices;
using HqTrack.Ops.Simd;

namespace HqTrack.Ops;

/// <summary>Products of up to six rows with a small matrix that stays in the first cache, sums in registers.</summary>
internal static unsafe class RowProducts<V, S>
    where V : struct
    where S : struct, ISimd<float, V>
{
    /// <summary>Rows at once.</summary>
    public const int Rows = 6;

    /// <summary>target[i, :] = bias + sum over c of rows[i, c] * matrix[c, :], kept between two bounds.</summary>
    /// <param name="rows">[count, depth]</param>
    /// <param name="rowStride">Distance of two rows.</param>
    /// <param name="count">1 to 6.</param>
    /// <param name="depth">Channels of a row.</param>
    /// <param name="matrix">[depth, length]</param>
    /// <param name="bias">[length]</param>
    /// <param name="length">A multiple of the register's width.</param>
    /// <param name="low">Least value.</param>
    /// <param name="high">Largest value.</param>
    /// <param name="target">[count, length]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* rows, nint rowStride, int count, int depth, float* matrix, float* bias, int length, float low, float high, float* target)
    {
        // Rows that are not there are the last one again, written to the same place.
        nint last = count - 1;
        float* r1 = rows + (Math.Min(1, last) * rowStride), r2 = rows + (Math.Min(2, last) * rowStride), r3 = rows + (Math.Min(3, last) * rowStride);
        float* r4 = rows + (Math.Min(4, last) * rowStride), r5 = rows + (Math.Min(5, last) * rowStride);
        float* t1 = target + (Math.Min(1, last) * length), t2 = target + (Math.Min(2, last) * length), t3 = target + (Math.Min(3, last) * length);
        float* t4 = target + (Math.Min(4, last) * length), t5 = target + (Math.Min(5, last) * length);
        V least = S.Broadcast(low), most = S.Broadcast(high);
        var j = 0;
        for (; j <= length - (2 * S.Width); j += 2 * S.Width)
        {
            V a0 = S.Load(bias + j), b0 = S.Load(bias + j + S.Width);
            V a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0;
            var column = matrix + j;
            for (var c = 0; c < depth; c++, column += length)
            {
                V a = S.Load(column), b = S.Load(column + S.Width);
                var x = S.Broadcast(rows[c]);
                a0 = S.MultiplyAdd(x, a, a0);
                b0 = S.MultiplyAdd(x, b, b0);
                x = S.Broadcast(r1[c]);
                a1 = S.MultiplyAdd(x, a, a1);
                b1 = S.MultiplyAdd(x, b, b1);
                x = S.Broadcast(r2[c]);
                a2 = S.MultiplyAdd(x, a, a2);
                b2 = S.MultiplyAdd(x, b, b2);
                x = S.Broadcast(r3[c]);
                a3 = S.MultiplyAdd(x, a, a3);
                b3 = S.MultiplyAdd(x, b, b3);
                x = S.Broadcast(r4[c]);
                a4 = S.MultiplyAdd(x, a, a4);
                b4 = S.MultiplyAdd(x, b, b4);
                x = S.Broadcast(r5[c]);
                a5 = S.MultiplyAdd(x, a, a5);
                b5 = S.MultiplyAdd(x, b, b5);
            }

            Store(target + j, a0, least, most);
            Store(target + j + S.Width, b0, least, most);
            Store(t1 + j, a1, least, most);
            Store(t1 + j + S.Width, b1, least, most);
            Store(t2 + j, a2, least, most);
            Store(t2 + j + S.Width, b2, least, most);
            Store(t3 + j, a3, least, most);
            Store(t3 + j + S.Width, b3, least, most);
            Store(t4 + j, a4, least, most);
            Store(t4 + j + S.Width, b4, least, most);
            Store(t5 + j, a5, least, most);
            Store(t5 + j + S.Width, b5, least, most);
        }

        if (j < length)
        {
            V a0 = S.Load(bias + j), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
            var column = matrix + j;
            for (var c = 0; c < depth; c++, column += length)
            {
                var a = S.Load(column);
                a0 = S.MultiplyAdd(S.Broadcast(rows[c]), a, a0);
                a1 = S.MultiplyAdd(S.Broadcast(r1[c]), a, a1);
                a2 = S.MultiplyAdd(S.Broadcast(r2[c]), a, a2);
                a3 = S.MultiplyAdd(S.Broadcast(r3[c]), a, a3);
                a4 = S.MultiplyAdd(S.Broadcast(r4[c]), a, a4);
                a5 = S.MultiplyAdd(S.Broadcast(r5[c]), a, a5);
            }

            Store(target + j, a0, least, most);
            Store(t1 + j, a1, least, most);
            Store(t2 + j, a2, least, most);
            Store(t3 + j, a3, least, most);
            Store(t4 + j, a4, least, most);
            Store(t5 + j, a5, least, most);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, V value, V least, V most) => S.Store(to, S.Min(S.Max(value, least), most));
}
