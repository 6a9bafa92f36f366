using HqTrack.Evaluation.Prompts;
using HqTrack.Training.Data;
using HqTrack.Training.Refiner;

namespace HqTrack.Tests.Training.Refiner;

/// <summary>Prompts drawn for training keep to what they say of the object.</summary>
public sealed class DrawnPromptsTests
{
    private const int Size = 64;

    [Fact]
    public void Boxes_are_true_half_of_the_time_and_off_by_a_fifth_at_most()
    {
        var truth = Rectangle(10, 20, 30, 15);
        var exact = 0;
        for (var i = 0; i < 400; i++)
        {
            var rng = Rng.For(3, i);
            var box = DrawnPrompts.Box(ref rng, truth, Size);
            exact += (box.Left, box.Top, box.Right, box.Bottom) == (10, 20, 39, 34) ? 1 : 0;
            Assert.InRange(box.Left, 10 - 6, 10 + 6);
            Assert.InRange(box.Right, 39 - 6, 39 + 6);
            Assert.InRange(box.Top, 20 - 3, 20 + 3);
            Assert.InRange(box.Bottom, 34 - 3, 34 + 3);
        }

        Assert.InRange(exact, 180, 280);
    }

    [Fact]
    public void Clicks_lie_on_the_object_and_corrections_where_the_mask_is_wrong()
    {
        var truth = Rectangle(10, 20, 30, 15);
        var mask = Rectangle(10, 20, 50, 15); // too wide
        for (var i = 0; i < 200; i++)
        {
            var rng = Rng.For(4, i);
            var first = DrawnPrompts.FirstClick(ref rng, truth, Size);
            Assert.True(first.IsInside && truth[((int)first.Y * Size) + (int)first.X] == 1);
            var correction = DrawnPrompts.Correction(ref rng, truth, mask, Size);
            Assert.False(correction.IsInside);
            Assert.InRange(correction.X, 40, 59);
            var none = DrawnPrompts.Correction(ref rng, truth, truth, Size);
            Assert.True(none.IsInside && truth[((int)none.Y * Size) + (int)none.X] == 1);
        }
    }

    [Fact]
    public void Coarse_masks_are_wrong_but_mean_the_object()
    {
        var truth = Rectangle(16, 20, 30, 20);
        var overlaps = new List<double>();
        for (var i = 0; i < 200; i++)
        {
            var rng = Rng.For(5, i);
            var mask = DrawnPrompts.CoarseMask(ref rng, truth, Size);
            Assert.Single(mask.Select(MathF.Abs).Distinct());
            int shared = 0, union = 0;
            for (var k = 0; k < mask.Length; k++)
            {
                shared += mask[k] > 0 && truth[k] != 0 ? 1 : 0;
                union += mask[k] > 0 || truth[k] != 0 ? 1 : 0;
            }

            overlaps.Add((double)shared / union);
        }

        Assert.InRange(overlaps.Average(), 0.55, 0.9);
        Assert.InRange(overlaps.Min(), 0.15, 0.7);
        var rest = Rng.For(1, 1);
        var single = DrawnPrompts.CoarseMask(ref rest, Rectangle(63, 63, 1, 1), Size);
        Assert.Contains(single, value => value > 0);
    }

    [Fact]
    public void Largest_part_of_an_object_is_where_its_deepest_point_is()
    {
        var truth = Rectangle(2, 2, 5, 5);
        Rectangle(30, 30, 11, 11).Select((value, i) => (value, i)).Where(entry => entry.value != 0).ToList().ForEach(entry => truth[entry.i] = 1);
        Assert.Equal((35 * Size) + 35, PixelRegion.Largest(truth, Size)!.Deepest());
    }

    private static byte[] Rectangle(int x, int y, int width, int height)
    {
        var mask = new byte[Size * Size];
        for (var row = y; row < y + height; row++)
        {
            mask.AsSpan((row * Size) + x, width).Fill(1);
        }

        return mask;
    }
}
