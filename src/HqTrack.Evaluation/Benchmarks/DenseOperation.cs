using System.Diagnostics;
using HqTrack.Ops;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>One convolution or matrix product, to be timed alone.</summary>
internal abstract record DenseOperation
{
    /// <summary>Operations (a multiplication and an addition are two).</summary>
    public abstract double Flops { get; }

    /// <summary>The ways to run it, each ready to be called again and again: the fastest counts. Tensors belong to the current dispose scope.</summary>
    protected abstract IReadOnlyList<Action> Variants();

    /// <summary>Best time of each way over a few runs, the smallest of them in ms.</summary>
    public double Measure(int runs)
    {
        using var scope = NewDisposeScope();
        return Variants().Min(variant => Enumerable.Range(0, runs + 1).Select(_ => Time(variant)).Skip(1).Order().ElementAt(runs / 2));
    }

    private static double Time(Action run)
    {
        using var scope = NewDisposeScope();
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}

/// <summary>A convolution with same padding on a map of height x width.</summary>
internal sealed record Convolution(long Height, long Width, long Out, long In, long Kernel, long Stride, long Groups) : DenseOperation
{
    public override double Flops => 2.0 * (((Height - 1) / Stride) + 1) * (((Width - 1) / Stride) + 1) * Out * In / Groups * Kernel * Kernel;

    protected override IReadOnlyList<Action> Variants()
    {
        var x = rand(1, In, Height, Width);
        var weight = rand(Out, In / Groups, Kernel, Kernel);
        var bias = rand(Out);
        long[] strides = [Stride, Stride], padding = [Kernel / 2, Kernel / 2], dilation = [1, 1];
        Action Run(Tensor image, Tensor kernel) => () => nn.functional.conv2d(image, kernel, bias, strides, padding, dilation, Groups);
        return [Run(x, weight), Run(ChannelsLast.Of(x), ChannelsLast.Of(weight))];
    }
}

/// <summary>[rows, in] times [in, out].</summary>
internal sealed record MatrixProduct(long Rows, long In, long Out) : DenseOperation
{
    public override double Flops => 2.0 * Rows * In * Out;

    protected override IReadOnlyList<Action> Variants()
    {
        var x = rand(Rows, In);
        var weight = rand(Out, In);
        var bias = rand(Out);
        return [() => nn.functional.linear(x, weight, bias)];
    }
}

/// <summary>The two products of attention, [queries, keys] scores and [queries, values] results, in blocks that stay in the cache.</summary>
internal sealed record AttentionProducts(long Queries, long Keys, long Dim, long Values) : DenseOperation
{
    private const long MaxBlock = 1024;

    public override double Flops => 2.0 * Queries * Keys * (Dim + Values);

    protected override IReadOnlyList<Action> Variants()
    {
        Tensor q = rand(Queries, Dim), k = rand(Keys, Dim), v = rand(Keys, Values), result = rand(Queries, Values);
        long rows = Even(Queries), columns = Even(Keys);
        var buffer = rand(rows * columns);
        return
        [
            () =>
            {
                for (long i = 0; i < Queries; i += rows)
                {
                    for (long j = 0; j < Keys; j += columns)
                    {
                        using var scope = NewDisposeScope();
                        long n = Math.Min(rows, Queries - i), m = Math.Min(columns, Keys - j);
                        var scores = buffer.narrow(0, 0, n * m).view(n, m);
                        scores.addmm_(q.narrow(0, i, n), k.narrow(0, j, m).t(), 0, 1);
                        result.narrow(0, i, n).addmm_(scores, v.narrow(0, j, m), 0, 1);
                    }
                }
            },
        ];
    }

    private static long Even(long length)
    {
        var parts = (length + MaxBlock - 1) / MaxBlock;
        return (length + parts - 1) / parts;
    }
}
