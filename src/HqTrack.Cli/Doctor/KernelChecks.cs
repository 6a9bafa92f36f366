using System.Diagnostics;
using System.Runtime.CompilerServices;
using HqTrack.Ops;
using HqTrack.Runtime;
using static TorchSharp.torch;

namespace HqTrack.Cli.Doctor;

/// <summary>The project's own operations against plain loops in double precision, on small inputs: a second at most.</summary>
internal static class KernelChecks
{
    private const int Height = 20;
    private const int Width = 24;
    private const int Radius = 7;
    private const int KeyDim = 16;
    private const int ValueDim = 32;
    private const double Tolerance = 1e-4;

    /// <summary>Runs every check.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static KernelFacts Run()
    {
        KernelCheck[] checks = [CheckLocalAttention()];
        return new(checks.All(check => check.Ok), checks);
    }

    private static KernelCheck CheckLocalAttention()
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var random = new Generator(1);
        var q = randn(1, Height * Width, KeyDim, generator: random);
        var k = randn(1, Height * Width, KeyDim, generator: random);
        var v = randn(1, Height * Width, ValueDim, generator: random);
        var scale = 1 / Math.Sqrt(KeyDim);
        var start = Stopwatch.GetTimestamp();
        var result = LocalAttention.Forward(q, k, v, null, Height, Width, Radius, scale);
        var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var expected = PlainLocalAttention(TensorSpan.Of<float>(q), TensorSpan.Of<float>(k), TensorSpan.Of<float>(v), scale);
        var found = TensorSpan.Of<float>(result);
        double error = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            // Math.Max, unlike Max of a sequence, lets NaN through.
            error = Math.Max(error, Math.Abs(found[i] - expected[i]));
        }

        return new("local attention 15x15", error, Tolerance, error <= Tolerance, milliseconds);
    }

    private static double[] PlainLocalAttention(ReadOnlySpan<float> q, ReadOnlySpan<float> k, ReadOnlySpan<float> v, double scale)
    {
        var result = new double[Height * Width * ValueDim];
        for (var at = 0; at < Height * Width; at++)
        {
            var (y, x) = Math.DivRem(at, Width);
            double sum = 0;
            for (var row = Math.Max(0, y - Radius); row <= Math.Min(Height - 1, y + Radius); row++)
            {
                for (var column = Math.Max(0, x - Radius); column <= Math.Min(Width - 1, x + Radius); column++)
                {
                    var other = (row * Width) + column;
                    double dot = 0;
                    for (var i = 0; i < KeyDim; i++)
                    {
                        dot += (double)q[(at * KeyDim) + i] * k[(other * KeyDim) + i];
                    }

                    var weight = Math.Exp(dot * scale);
                    sum += weight;
                    for (var i = 0; i < ValueDim; i++)
                    {
                        result[(at * ValueDim) + i] += weight * v[(other * ValueDim) + i];
                    }
                }
            }

            for (var i = 0; i < ValueDim; i++)
            {
                result[(at * ValueDim) + i] /= sum;
            }
        }

        return result;
    }
}
