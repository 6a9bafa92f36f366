using HqTrack.Media;
using HqTrack.Refiner;
using HqTrack.Refiner.Sam;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Refiner.Sam;
using static TorchSharp.torch;

namespace HqTrack.Tests.Refiner;

/// <summary>Everything in an image: grid, stability, suppression, and the search around a small network.</summary>
[Collection("torch")]
public sealed class EverythingSegmenterTests
{
    [Fact]
    public void The_grid_has_the_cells_middles_row_by_row()
    {
        var grid = EverythingSegmenter.Grid(32, (640, 320)).ToList();
        Assert.Equal(1024, grid.Count);
        Assert.Equal(new(10, 5), grid[0]);
        Assert.Equal(new(30, 5), grid[1]);
        Assert.Equal(new(630, 315), grid[^1]);
    }

    [Fact]
    public void Stability_is_the_share_of_sure_pixels()
    {
        Assert.Equal(0.5, EverythingSegmenter.Stability([2, 1.5f, 0.5f, -0.5f, -2, -1], 1));
        Assert.True(double.IsNaN(EverythingSegmenter.Stability([-3, -2], 1)));
    }

    [Fact]
    public void Of_boxes_that_overlap_the_best_stays()
    {
        ((int, int, int, int), double)[] boxes = [((0, 0, 10, 10), 0.9), ((1, 0, 11, 10), 0.95), ((0, 0, 10, 5), 0.5), ((20, 20, 20, 30), 0.99), ((0, 0, 10, 10), 0.9)];
        Assert.Equal([3, 1, 2], EverythingSegmenter.Suppress(boxes, 0.7)); // IoU of 0 and 1 is 9/11, of 1 and 2 less than a half
        Assert.Equal([3, 1, 0, 4, 2], EverythingSegmenter.Suppress(boxes, 1));
    }

    [Fact]
    public void What_is_found_meets_the_thresholds_and_comes_best_first()
    {
        using var network = SamGoldens.Network(SamGoldens.Tiny with { IsHighQuality = false });
        using var leaks = new LeakCheck();
        using var inference = inference_mode();
        using var predictor = new SamPredictor(network, CPU);
        var rgb = new byte[60 * 45 * 3];
        new Random(2).NextBytes(rgb);
        predictor.SetImage(new Frame(rgb, 60, 45));
        var options = new EverythingOptions { PointsPerSide = 3, MinPredictedIou = -10, MinStability = 0, StabilityOffset = 0.1, MaxBoxIou = 1 };
        var loose = EverythingSegmenter.Run(predictor, options, cancellation: TestContext.Current.CancellationToken);
        Assert.InRange(loose.Count, 1, 27); // three masks a point
        Assert.Equal(loose.Select(mask => mask.PredictedIou).OrderDescending(), loose.Select(mask => mask.PredictedIou));
        var limit = loose[loose.Count / 2];
        var strict = EverythingSegmenter.Run(predictor, options with { MinPredictedIou = limit.PredictedIou, MinStability = limit.Stability }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(
            loose.Where(mask => mask.PredictedIou > limit.PredictedIou && mask.Stability >= limit.Stability).Select(mask => mask.PredictedIou),
            strict.Select(mask => mask.PredictedIou));
    }
}
