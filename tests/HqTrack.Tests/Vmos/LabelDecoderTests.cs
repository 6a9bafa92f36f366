using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos;

/// <summary>The fused decoder against the same steps in library operations.</summary>
[Collection("torch")]
public sealed class LabelDecoderTests
{
    private const int Width = 53, Height = 37;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    public void Labels_and_confidences_are_those_of_the_composed_steps(int viewCount, int groupCount)
    {
        using var leaks = new LeakCheck();
        using var scope = NewDisposeScope();
        int[][] ids = groupCount == 1 ? [[3, 7, 9]] : [[3, 7, 9], [4, 200]];
        var views = Enumerable.Range(0, viewCount).Select(v => new ViewLogits(
            [.. ids.Select((group, g) => new GroupLogits(group, FillRule.Input($"logits{v}.{g}", [1, group.Length + 1, 7 + v, 9 + v], 4)))], v == 1)).ToArray();

        var decoded = LabelDecoder.Decode(views, Width, Height);

        var mean = views.Select(Probabilities).Aggregate((a, b) => a + b) / viewCount;
        var (best, winner) = mean.max(1);
        byte[] idOfChannel = [0, .. ids.SelectMany(group => group).Select(id => (byte)id)];
        var channels = TensorSpan.ToArray<long>(winner);
        var probabilities = TensorSpan.ToArray<float>(best);
        var differing = channels.Zip(decoded.Labels.Ids).Count(pair => idOfChannel[pair.First] != pair.Second);
        Assert.InRange(differing, 0, 1); // a tie may fall either way
        foreach (var id in ids.SelectMany(group => group))
        {
            var inside = channels.Zip(probabilities).Where(pair => idOfChannel[pair.First] == id).Select(pair => pair.Second).ToArray();
            Assert.Equal(inside.Length == 0 ? 0 : inside.Average(), decoded.Confidence(id), 0.01);
            var all = TensorSpan.ToArray<float>(mean[0, Array.IndexOf(idOfChannel, (byte)id)]);
            for (var pixel = 0; pixel < all.Length; pixel += 7)
            {
                Assert.Equal(all[pixel], decoded.ProbabilityAt(id, pixel % Width, pixel / Width), 1e-4);
            }
        }
    }

    // As the release: logits at full size, soft aggregation over groups, unmirrored, softmax.
    private static Tensor Probabilities(ViewLogits view)
    {
        var full = view.Groups.Select(group => nn.functional.interpolate(
            group.Logits, size: [Height, Width], mode: InterpolationMode.Bilinear, align_corners: true)).ToArray();
        var merged = full[0];
        if (full.Length > 1)
        {
            var soft = full.Select(logits => softmax(logits, 1)).ToArray();
            var background = soft.Select(p => p.narrow(1, 0, 1)).Aggregate((a, b) => a * b);
            merged = cat([background, .. soft.Select(p => p.narrow(1, 1, p.size(1) - 1))], 1).clamp(1e-5, 1 - 1e-5).logit();
        }

        var probabilities = softmax(merged, 1);
        return view.IsMirrored ? probabilities.flip(3) : probabilities;
    }
}
