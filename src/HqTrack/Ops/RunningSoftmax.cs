using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HqTrack.Ops.Simd;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>
/// Softmax over columns that arrive a block at a time: scores become exp(score - largest so far) in place, sums that were made with a
/// smaller maximum are scaled down, and the division comes last.
/// </summary>
/// <param name="rows">Rows of every block.</param>
/// <param name="limit">Widest vectors to use.</param>
internal sealed unsafe class RunningSoftmax(int rows, VectorWidth limit = VectorWidth.Bits512)
{
    private const int RowsAtOnce = 8;

    private readonly float[] maxima = new float[rows];
    private readonly float[] sums = new float[rows];
    private readonly VectorWidth width = limit < VectorWidths.Best ? limit : VectorWidths.Best;

    /// <summary>Takes the next block.</summary>
    /// <param name="scores">[rows, n], contiguous; becomes the weights, not yet divided.</param>
    /// <param name="result">[rows, C], contiguous: the weighted sums of the blocks so far, scaled to the new maximum. Not read at the first block.</param>
    /// <param name="isFirst">Whether this is the first block.</param>
    public void Step(Tensor scores, Tensor result, bool isFirst)
    {
        float* s = TensorSpan.Pointer<float>(scores), r = TensorSpan.Pointer<float>(result);
        int columns = (int)scores.size(1), channels = (int)result.size(1);
        ForRows(row =>
        {
            var x = s + ((nint)row * columns);
            var factor = width switch
            {
                VectorWidth.Bits512 => Step<Vector512<float>, Simd512>(x, columns, row, isFirst),
                VectorWidth.Bits256 => Step<Vector256<float>, Simd256>(x, columns, row, isFirst),
                VectorWidth.Bits128 => Step<Vector128<float>, Simd128>(x, columns, row, isFirst),
                _ => Step<float, SimdScalar<float>>(x, columns, row, isFirst),
            };
            if (factor != 1)
            {
                Scale(r + ((nint)row * channels), channels, factor);
            }
        });
    }

    /// <summary>Divides by the sums.</summary>
    /// <param name="result">[rows, C], contiguous.</param>
    public void Finish(Tensor result)
    {
        var r = TensorSpan.Pointer<float>(result);
        var channels = (int)result.size(1);
        ForRows(row => Scale(r + ((nint)row * channels), channels, 1 / sums[row]));
    }

    private void Scale(float* values, int count, float factor)
    {
        switch (width)
        {
            case VectorWidth.Bits512: Scale<Vector512<float>, Simd512>(values, count, factor); break;
            case VectorWidth.Bits256: Scale<Vector256<float>, Simd256>(values, count, factor); break;
            case VectorWidth.Bits128: Scale<Vector128<float>, Simd128>(values, count, factor); break;
            default: Scale<float, SimdScalar<float>>(values, count, factor); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale<V, S>(float* values, int count, float factor)
        where V : struct
        where S : struct, ISimd<float, V>
    {
        var whole = count - (count % S.Width);
        var f = S.Broadcast(factor);
        for (var i = 0; i < whole; i += S.Width)
        {
            S.Store(values + i, S.Multiply(S.Load(values + i), f));
        }

        for (var i = whole; i < count; i++)
        {
            values[i] *= factor;
        }
    }

    private void ForRows(Action<int> action) => ParallelRows.For((rows + RowsAtOnce - 1) / RowsAtOnce, 0, (part, _) =>
    {
        for (var row = part * RowsAtOnce; row < Math.Min(rows, (part + 1) * RowsAtOnce); row++)
        {
            action(row);
        }
    });

    /// <summary>One row; returns the factor for what was summed before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float Step<V, S>(float* x, int columns, int row, bool isFirst)
        where V : struct
        where S : struct, ISimd<float, V>
    {
        var whole = columns - (columns % S.Width);
        var largest = S.Broadcast(float.NegativeInfinity);
        for (var i = 0; i < whole; i += S.Width)
        {
            largest = S.Max(largest, S.Load(x + i));
        }

        var max = S.Max(largest);
        for (var i = whole; i < columns; i++)
        {
            max = MathF.Max(max, x[i]);
        }

        var factor = 1f;
        if (!isFirst)
        {
            max = MathF.Max(max, maxima[row]);
            factor = MathF.Exp(maxima[row] - max);
        }

        var shift = S.Broadcast(max);
        var total = S.Zero;
        for (var i = 0; i < whole; i += S.Width)
        {
            var e = S.Exp(S.Subtract(S.Load(x + i), shift));
            S.Store(x + i, e);
            total = S.Add(total, e);
        }

        var sum = S.Sum(total);
        for (var i = whole; i < columns; i++)
        {
            x[i] = MathF.Exp(x[i] - max);
            sum += x[i];
        }

        maxima[row] = max;
        sums[row] = isFirst ? sum : (sums[row] * factor) + sum;
        return factor;
    }
}
