using System.Numerics;
using System.Runtime.InteropServices;
using HqTrack.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Ops;

/// <summary>
/// Linear systems with a symmetric positive definite matrix; on the CPU by Cholesky's factorisation on one thread: the same bits whatever the number of threads. MKL's factorisations
/// share their work over threads that wait for each other in a loop, and wait for ever where fewer threads come than were counted on (seen with sgetrf of MKL 2024 in libtorch 2.10).
/// </summary>
internal static class PositiveDefinite
{
    /// <summary>Solves A x = b; on the CPU not a number where a matrix is not positive definite.</summary>
    /// <param name="matrices">A, [B, n, n], symmetric (on the CPU the lower triangle is read); float.</param>
    /// <param name="right">b, [B, n, m].</param>
    /// <returns>x, [B, n, m], without gradient.</returns>
    public static Tensor Solve(Tensor matrices, Tensor right)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        if (right.device_type != DeviceType.CPU)
        {
            return linalg.solve(matrices, right).MoveToOuterDisposeScope();
        }

        int n = (int)right.size(1), m = (int)right.size(2);
        Tensor factors = matrices.contiguous().clone(), x = right.contiguous().clone();
        for (var b = 0; b < right.size(0); b++)
        {
            var factor = TensorSpan.Of<float>(factors).Slice(b * n * n, n * n);
            var unknown = TensorSpan.Of<float>(x).Slice(b * n * m, n * m);
            Factor(factor, n);
            Substitute(factor, unknown, n, m);
        }

        return x.MoveToOuterDisposeScope();
    }

    // A = L L^T; L takes the place of A's lower triangle.
    private static void Factor(Span<float> a, int n)
    {
        for (var i = 0; i < n; i++)
        {
            var row = a.Slice(i * n, i + 1);
            for (var j = 0; j < i; j++)
            {
                var other = a.Slice(j * n, j + 1);
                row[j] = (row[j] - Dot(row[..j], other[..j])) / other[j];
            }

            row[i] = MathF.Sqrt(row[i] - Dot(row[..i], row[..i]));
        }
    }

    // L y = b, then L^T x = y; rows of m values.
    private static void Substitute(ReadOnlySpan<float> l, Span<float> x, int n, int m)
    {
        for (var i = 0; i < n; i++)
        {
            var row = x.Slice(i * m, m);
            for (var j = 0; j < i; j++)
            {
                AddScaled(row, x.Slice(j * m, m), -l[(i * n) + j]);
            }

            Scale(row, 1 / l[(i * n) + i]);
        }

        for (var i = n - 1; i >= 0; i--)
        {
            var row = x.Slice(i * m, m);
            Scale(row, 1 / l[(i * n) + i]);
            for (var j = 0; j < i; j++)
            {
                AddScaled(x.Slice(j * m, m), row, -l[(i * n) + j]);
            }
        }
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector<float>> u = MemoryMarshal.Cast<float, Vector<float>>(a), v = MemoryMarshal.Cast<float, Vector<float>>(b);
        Vector<float> even = default, odd = default;
        var i = 0;
        for (; i + 1 < u.Length; i += 2)
        {
            even += u[i] * v[i];
            odd += u[i + 1] * v[i + 1];
        }

        if (i < u.Length)
        {
            even += u[i] * v[i];
        }

        var sum = Vector.Sum(even + odd);
        for (var k = u.Length * Vector<float>.Count; k < a.Length; k++)
        {
            sum += a[k] * b[k];
        }

        return sum;
    }

    private static void AddScaled(Span<float> target, ReadOnlySpan<float> source, float factor)
    {
        for (var k = 0; k < target.Length; k++)
        {
            target[k] += factor * source[k];
        }
    }

    private static void Scale(Span<float> values, float factor)
    {
        foreach (ref var value in values)
        {
            value *= factor;
        }
    }
}
