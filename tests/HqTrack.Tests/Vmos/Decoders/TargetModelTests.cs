using HqTrack.Layers;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos.Decoders;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos.Decoders;

/// <summary>The regression from features to masks, against its definition and on pictures where the answer is known.</summary>
[Collection("torch")]
public sealed class TargetModelTests
{
    public TargetModelTests() => NativeRuntime.EnsureLoaded();

    [Fact]
    public void The_model_solves_the_weighted_normal_equations()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        manual_seed(5);
        const int count = 60, size = 7;
        var key = rand(1, count, size);
        var ids = arange(count).lt(6).to(ScalarType.Float32); // a tenth is the object
        var value = stack([1 - ids, ids], 1).repeat_interleave(4, 1).unsqueeze(0); // [1, N, 8]
        var model = TargetModel.Fit(new(key, value));

        // Each id half of all weight, in double precision.
        var (k, y) = (key[0].to(ScalarType.Float64), value[0].to(ScalarType.Float64));
        var weight = (ids.to(ScalarType.Float64) / 0.1 + (1 - ids.to(ScalarType.Float64)) / 0.9) / 2;
        var gram = k.t().matmul(k * weight.unsqueeze(1)) + (eye(size, dtype: ScalarType.Float64) * (0.002 * count));
        var expected = linalg.solve(gram, k.t().matmul(y * weight.unsqueeze(1)));
        Assert.InRange((model[0].to(ScalarType.Float64) - expected).abs().max().item<double>() / expected.abs().max().item<double>(), 0, 1e-4);
    }

    [Fact]
    public void A_small_object_of_its_own_look_is_found_elsewhere_in_the_next_frame()
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        var first = TargetModel.Features(Maps(row: 1, column: 2));
        var labels = zeros(1, 3, 17, 25); // background, an id without an object, the object: one block of 2 x 2 of 9 x 13
        labels[0, 0].fill_(1);
        labels[0, 0, TensorIndex.Slice(2, 4), TensorIndex.Slice(4, 6)] = 0;
        labels[0, 2, TensorIndex.Slice(2, 4), TensorIndex.Slice(4, 6)] = 1;
        var blocks = HqTrack.Vmos.Identities.LabelEncoding.PackBlocks(labels);
        var model = TargetModel.Fit(new(first, blocks));
        var found = TargetModel.Predict(TargetModel.Features(Maps(row: 6, column: 9)), model).view(9, 13, 3, 4);
        Assert.InRange(found[6, 9, 2].min().item<float>(), 0.8f, 1);
        Assert.Equal(0, found.select(2, 1).abs().max().item<float>());
        var elsewhere = found.select(2, 2).clone();
        elsewhere[6, 9] = 0;
        Assert.InRange(elsewhere.max().item<float>(), 0, 0.4f);
        Assert.InRange((found.sum(2) - 1).abs().max().item<float>(), 0, 1e-5f);
    }

    [Fact]
    public void Nothing_of_it_keeps_a_gradient()
    {
        using var scope = NewDisposeScope();
        var maps = Maps(row: 1, column: 2);
        maps.S8.requires_grad_();
        var features = TargetModel.Features(maps);
        Assert.Equal([1, 9 * 13, (4 * 4) + 5 + 6 + 1], features.shape);
        Assert.False(features.requires_grad);
    }

    // Noise, but for one cell of 9 x 13 that looks otherwise.
    private static EncoderMaps Maps(long row, long column)
    {
        manual_seed(row);
        var (s8, s16, last) = (rand(1, 4, 17, 25), rand(1, 5, 9, 13), rand(1, 6, 9, 13));
        s8[0, 0, TensorIndex.Slice(2 * row, (2 * row) + 2), TensorIndex.Slice(2 * column, (2 * column) + 2)] = 4;
        s16[0, 1, row, column] = 5;
        last[0, 2, row, column] = 5;
        return new(empty(0), s8, s16, last);
    }
}
