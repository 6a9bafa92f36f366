using System.Diagnostics;
using HqTrack.Evaluation;
using HqTrack.Evaluation.Measures;

namespace HqTrack.Tests.Evaluation.Measures;

/// <summary>Packed bits against the definition, pixel by pixel.</summary>
public sealed class MaskMeasuresTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 9)]
    [InlineData(9, 1)]
    [InlineData(63, 5)]
    [InlineData(64, 7)]
    [InlineData(65, 7)]
    [InlineData(130, 11)]
    [InlineData(200, 90)]
    public void Boundaries_and_dilation_are_those_of_the_definition(int width, int height)
    {
        var random = new Random((width * 1000) + height);
        foreach (var density in new[] { 0.0, 0.02, 0.5, 0.97, 1.0 })
        {
            var pixels = Enumerable.Range(0, width * height).Select(_ => random.NextDouble() < density ? (byte)1 : (byte)0).ToArray();
            var mask = BitMask.OfNonZero(pixels, width);
            Assert.Equal(pixels, mask.ToBytes());
            Assert.Equal(pixels.Sum(pixel => pixel), mask.Count);
            Assert.Equal(SlowBoundary(pixels, width, height), Boundary.Of(mask).ToBytes());
            foreach (var radius in new[] { 0, 1, 3, 8, 70 })
            {
                Assert.Equal(SlowDilation(pixels, width, height, radius), Boundary.Dilate(mask, radius).ToBytes());
            }
        }
    }

    [Fact]
    public void Ids_are_told_apart()
    {
        var ids = Enumerable.Range(0, 3 * 100).Select(i => (byte)(i * 7 % 256)).ToArray();
        foreach (var id in new byte[] { 0, 1, 7, 255 })
        {
            Assert.Equal(ids.Select(value => value == id ? (byte)1 : (byte)0), BitMask.OfId(ids, 100, id).ToBytes());
        }
    }

    [Fact]
    public void Empty_masks_score_as_the_official_program_scores_them()
    {
        var empty = new BitMask(8, 8);
        var full = BitMask.OfNonZero(Enumerable.Repeat((byte)1, 64).ToArray(), 8);
        var dot = BitMask.OfNonZero([.. Enumerable.Repeat((byte)0, 27), 1, .. Enumerable.Repeat((byte)0, 36)], 8);
        Assert.Equal((1, 1), (MaskMeasures.Jaccard(empty, empty), MaskMeasures.Contour(empty, empty).F));
        Assert.Equal((0, 1), (MaskMeasures.Jaccard(full, empty), MaskMeasures.Contour(full, empty).F)); // a full image has no boundary
        Assert.Equal((0, 0), (MaskMeasures.Jaccard(dot, empty), MaskMeasures.Contour(dot, empty).F));
        Assert.Equal((1, 1), (MaskMeasures.Jaccard(dot, empty, dot), MaskMeasures.Contour(dot, empty, dot).F)); // all of it is void
    }

    [Fact]
    public void Masks_of_two_sizes_are_refused() =>
        Assert.Contains("8x8", Assert.Throws<EvaluationException>(() => MaskMeasures.Jaccard(new BitMask(8, 8), new BitMask(8, 9))).Message);

    [Fact(Explicit = true)] // a rate means nothing while other tests and builds share the cores
    [Trait("Category", "Long")]
    public void J_and_F_of_480p_masks_keep_up_with_300_objects_a_second()
    {
        const int Width = 854;
        const int Objects = 400;
        var ids = new byte[Width * 480];
        var moved = new byte[ids.Length];
        for (var y = 0; y < 480; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                // Four wavy stripes: boundaries longer than those of most real objects.
                ids[(y * Width) + x] = (byte)(((x + (int)(20 * Math.Sin(y / 15.0))) / 107 % 8) + 1);
                moved[(y * Width) + x] = (byte)(((x + 9 + (int)(20 * Math.Sin(y / 12.0))) / 107 % 8) + 1);
            }
        }

        // The best of several rounds: the first ones are compiled on the way, and other tests run beside.
        var (rate, sum) = (0.0, 0.0);
        for (var round = 0; round < 5; round++)
        {
            var values = new double[Objects];
            var start = Stopwatch.GetTimestamp();
            Parallel.For(0, Objects, new() { MaxDegreeOfParallelism = 2 }, i =>
            {
                var (truth, predicted) = (BitMask.OfId(ids, Width, (byte)((i % 8) + 1)), BitMask.OfId(moved, Width, (byte)((i % 8) + 1)));
                values[i] = MaskMeasures.Jaccard(truth, predicted) + MaskMeasures.Contour(truth, predicted).F;
            });
            rate = Math.Max(rate, Objects / Stopwatch.GetElapsedTime(start).TotalSeconds);
            sum = values.Sum();
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{rate:F0} object-frames/s");
        Assert.InRange(sum / Objects, 0.5, 2);
        Assert.True(rate >= 300, $"{rate:F0} object-frames/s, expected at least 300");
    }

    private static byte[] SlowBoundary(byte[] pixels, int width, int height)
    {
        var boundary = new byte[pixels.Length];
        byte At(int x, int y) => pixels[(Math.Min(y, height - 1) * width) + Math.Min(x, width - 1)];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var here = At(x, y);
                boundary[(y * width) + x] = here != At(x + 1, y) || here != At(x, y + 1) || here != At(x + 1, y + 1) ? (byte)1 : (byte)0;
            }
        }

        return boundary;
    }

    private static byte[] SlowDilation(byte[] pixels, int width, int height, int radius)
    {
        var dilated = new byte[pixels.Length];
        foreach (var (y, x) in Enumerable.Range(0, pixels.Length).Where(i => pixels[i] != 0).Select(i => Math.DivRem(i, width)))
        {
            for (var dy = Math.Max(-radius, -y); dy <= Math.Min(radius, height - 1 - y); dy++)
            {
                var reach = (int)Math.Floor(Math.Sqrt((radius * radius) - (dy * dy)));
                var (left, right) = (Math.Max(x - reach, 0), Math.Min(x + reach, width - 1));
                dilated.AsSpan(((y + dy) * width) + left, right - left + 1).Fill(1);
            }
        }

        return dilated;
    }
}
