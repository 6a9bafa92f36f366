using HqTrack.Ops;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using static TorchSharp.torch;

namespace HqTrack.Tests.Ops;

/// <summary>Solutions of random systems, put back into them in double precision.</summary>
[Collection("torch")]
public sealed class PositiveDefiniteTests
{
    public PositiveDefiniteTests() => NativeRuntime.EnsureLoaded();

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 3, 2)]
    [InlineData(1, 37, 5)]
    [InlineData(2, 545, 44)]
    public void A_solution_solves_its_system(long batch, long size, long columns)
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        manual_seed(size);
        var samples = randn(batch, 2 * size, size);
        var matrices = samples.transpose(1, 2).matmul(samples) + (eye(size) * 0.01 * size);
        var right = randn(batch, size, columns);
        var upper = ones(size, size).triu(1);
        var x = PositiveDefinite.Solve(matrices + (upper * 100), right); // the upper triangle is not read
        var back = matrices.to(ScalarType.Float64).matmul(x.to(ScalarType.Float64));
        Assert.InRange((back - right).abs().max().item<double>(), 0, 1e-3);
    }

    [Fact]
    public void A_matrix_that_is_not_positive_definite_gives_no_numbers()
    {
        using var scope = NewDisposeScope();
        Assert.True(PositiveDefinite.Solve(tensor(new float[] { 1, 2, 2, 1 }).view(1, 2, 2), ones(1, 2, 1)).isnan().any().item<bool>());
    }
}
