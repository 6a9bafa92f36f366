using HqTrack.Evaluation.Ablations;
using HqTrack.Media;

namespace HqTrack.Tests.Evaluation.Ablations;

public sealed class MaskDegradationTests
{
    [Theory]
    [InlineData("erode:10", -1)]
    [InlineData("dilate:10", 1)]
    [InlineData("shift:20", 0)]
    public void Objects_shrink_grow_or_move_by_a_part_of_their_size(string how, int sign)
    {
        var labels = Squares();
        var worse = MaskDegradation.Parse(how, 7).Apply(3, labels);
        foreach (var id in new byte[] { 1, 2 })
        {
            var (before, after) = (labels.Ids.Count(value => value == id), worse.Ids.Count(value => value == id));
            Assert.Equal(sign, Math.Sign(after - before));
            // 5 to 15 percent of a side of 40, from each edge: between 0.49 and 1.69 of the area.
            Assert.InRange((double)after / before, 0.4, 1.75);
        }

        Assert.NotEqual(labels.Ids, worse.Ids);
        Assert.Equal(worse.Ids, MaskDegradation.Parse(how, 7).Apply(3, labels).Ids);
        Assert.NotEqual(worse.Ids, MaskDegradation.Parse(how, 8).Apply(4, labels).Ids);
    }

    [Fact]
    public void Erosion_stays_inside_and_dilation_covers()
    {
        var labels = Squares();
        var (less, more) = (MaskDegradation.Parse("erode:8", 1).Apply(0, labels), MaskDegradation.Parse("dilate:8", 1).Apply(0, labels));
        for (var i = 0; i < labels.Ids.Length; i++)
        {
            Assert.True(less.Ids[i] == 0 || less.Ids[i] == labels.Ids[i]);
            Assert.True(labels.Ids[i] == 0 || more.Ids[i] == labels.Ids[i]);
        }
    }

    [Theory]
    [InlineData("melt:5")]
    [InlineData("erode")]
    [InlineData("erode:0")]
    [InlineData("shift:101")]
    [InlineData("dilate:x")]
    public void What_is_no_degradation_is_refused(string how) =>
        Assert.Contains("expected erode:P", Assert.Throws<ArgumentException>(() => MaskDegradation.Parse(how, 1)).Message);

    private static LabelMap Squares()
    {
        var labels = new LabelMap(200, 120);
        for (var y = 40; y < 80; y++)
        {
            labels.Ids.AsSpan((y * 200) + 30, 40).Fill(1);
            labels.Ids.AsSpan((y * 200) + 130, 40).Fill(2);
        }

        return labels;
    }
}
