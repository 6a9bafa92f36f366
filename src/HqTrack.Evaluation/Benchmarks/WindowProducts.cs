using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Evaluation.Benchmarks;

/// <summary>The two products of attention within many small windows, as many windows at once as stay in the cache.</summary>
/// <param name="Batch">Windows times heads.</param>
/// <param name="Length">Positions of a window.</param>
/// <param name="Dim">Channels of a head.</param>
internal sealed record WindowProducts(long Batch, long Length, long Dim) : DenseOperation
{
    private const long MaxScores = 512 * 1024;

    public override double Flops => 4.0 * Batch * Length * Length * Dim;

    protected override IReadOnlyList<Action> Variants()
    {
        Tensor q = rand(Batch, Length, Dim), k = rand(Batch, Length, Dim), v = rand(Batch, Length, Dim);
        Action Run(long together) => () =>
        {
            for (long i = 0; i < Batch; i += together)
            {
                using var scope = NewDisposeScope();
                var n = Math.Min(together, Batch - i);
                q.narrow(0, i, n).bmm(k.narrow(0, i, n).transpose(1, 2)).bmm(v.narrow(0, i, n));
            }
        };
        return [Run(Batch), Run(Math.Clamp(MaxScores / (Length * Length), 1, Batch))];
    }
}
