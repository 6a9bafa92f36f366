using HqTrack.Evaluation.Prompts;

namespace HqTrack.Tests.Evaluation.Prompts;

/// <summary>Simulated boxes and clicks, against what the definitions say pixel by pixel.</summary>
public sealed class SimulatedPromptsTests
{
    [Fact]
    public void Box_is_that_of_the_first_and_last_pixel()
    {
        var mask = Draw("......", "..##..", ".##...", "......");
        Assert.Equal((1, 1, 3, 2), SimulatedPrompts.Box(mask, 6));
        Assert.Throws<ArgumentException>(() => SimulatedPrompts.Box(new byte[24], 6));
    }

    [Fact]
    public void First_click_lies_on_the_object_even_where_its_centre_does_not()
    {
        var ring = Draw("#####", "#...#", "#...#", "#...#", "#####");
        Assert.Equal(new PromptPoint(2, 0), SimulatedPrompts.FirstClick(ring, 5));
        Assert.Equal(new PromptPoint(2, 1), SimulatedPrompts.FirstClick(Draw(".....", ".###.", "....."), 5));
    }

    [Fact]
    public void Correction_is_positive_where_something_lacks_and_negative_where_it_is_too_much()
    {
        var truth = Draw("#####...", "#####...", "#####...", "........");
        var missing = Draw("##......", "##......", "##......", ".......#");
        var tooMuch = Draw("########", "########", "########", "........");
        Assert.Equal(new PromptPoint(3, 1), SimulatedPrompts.CorrectiveClick(truth, missing, 8));
        Assert.Equal(new PromptPoint(6, 1, IsInside: false), SimulatedPrompts.CorrectiveClick(truth, tooMuch, 8));
        Assert.Null(SimulatedPrompts.CorrectiveClick(truth, truth, 8));
    }

    [Fact]
    public void The_image_edge_counts_as_outside() =>
        Assert.Equal(new PromptPoint(2, 2), SimulatedPrompts.CorrectiveClick(Draw("#####", "#####", "#####", "#####", "#####"), new byte[25], 5));

    [Fact]
    public void Regions_that_touch_at_a_corner_are_two()
    {
        var region = PixelRegion.Largest(Draw("##...", "##...", "..###", "....."), 5)!;
        Assert.Equal([0, 1, 5, 6], region.Pixels.Order());
    }

    [Fact]
    public void Deepest_point_is_the_one_that_all_distances_give()
    {
        var random = new Random(5);
        for (var run = 0; run < 60; run++)
        {
            int width = random.Next(1, 24), height = random.Next(1, 24);
            var truth = Blobs(random, width, height);
            if (PixelRegion.Largest(truth, width) is not { } region)
            {
                continue;
            }

            var own = region.Pixels.ToHashSet();
            long Depth(int pixel)
            {
                var least = long.MaxValue;
                for (var y = -1; y <= height; y++)
                {
                    for (var x = -1; x <= width; x++)
                    {
                        if (x < 0 || y < 0 || x == width || y == height || !own.Contains((y * width) + x))
                        {
                            long dx = x - (pixel % width), dy = y - (pixel / width);
                            least = Math.Min(least, (dx * dx) + (dy * dy));
                        }
                    }
                }

                return least;
            }

            var expected = region.Pixels.Order().MaxBy(Depth);
            Assert.Equal(expected, region.Deepest());
        }
    }

    [Fact]
    public void Scores_are_means_per_clip_then_over_clips()
    {
        PromptAnswer[] answers =
        [
            new("a", 1, 0.2, 0.25), new("a", 2, 0.4, 0.45), new("a", 1, 0.6, 0.65), new("a", 2, 0.8, 0.85),
            new("b", 1, 1, 1.02), new("b", 2, 1, 1.04),
        ];
        var scores = PromptScores.Of(answers, rounds: 2);
        Assert.Equal([0.7, 0.8], scores.MeanIou.Select(value => Math.Round(value, 12)));
        Assert.Equal(3, scores.Answers);
        Assert.InRange(scores.Correlation!.Value, 0.99, 1);
        Assert.Equal(6, scores.Reliability.Sum(bin => bin.Count));
        Assert.Equal((1.03, 1, 2), (Math.Round(scores.Reliability[^1].Predicted, 12), scores.Reliability[^1].Measured, scores.Reliability[^1].Count));
    }

    private static byte[] Draw(params string[] rows) => [.. string.Concat(rows).Select(pixel => pixel == '#' ? (byte)1 : (byte)0)];

    private static byte[] Blobs(Random random, int width, int height)
    {
        var mask = new byte[width * height];
        for (var k = 0; k < 4; k++)
        {
            int cx = random.Next(width), cy = random.Next(height), radius = random.Next(1, 8);
            for (var i = 0; i < mask.Length; i++)
            {
                int dx = (i % width) - cx, dy = (i / width) - cy;
                mask[i] |= (byte)((dx * dx) + (dy * dy) <= radius * radius ? 1 : 0);
            }
        }

        return mask;
    }
}
