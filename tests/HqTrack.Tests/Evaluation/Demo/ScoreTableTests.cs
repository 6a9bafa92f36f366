using HqTrack.Evaluation.Demo;
using HqTrack.Media;

namespace HqTrack.Tests.Evaluation.Demo;

public sealed class ScoreTableTests
{
    [Fact]
    public void First_and_last_frame_do_not_count_and_the_hardest_is_found()
    {
        var table = new ScoreTable(5, objects: 2);
        for (var i = 0; i < 5; i++)
        {
            // Object 2 is missed in frame 3, everything in the frames that do not count.
            table.Add(i, Draw(1, 2), i is 0 or 4 ? Draw(0, 0) : i == 3 ? Draw(1, 0) : Draw(1, 2));
        }

        Assert.Equal(5 / 6.0, table.J, 1e-12);
        Assert.Equal(5 / 6.0, table.F, 1e-12);
        Assert.Equal(5 / 6.0, table.JAndF, 1e-12);
        Assert.Equal((2 / 3.0, 2 / 3.0), table.MeansOf(2));
        Assert.Equal(3, table.HardestFrame);
        Assert.Equal(0.5, table.JIn(3));
    }

    [Fact]
    public void An_object_that_is_hidden_and_not_drawn_is_right()
    {
        var table = new ScoreTable(3, objects: 1);
        table.Add(1, Draw(0, 0), Draw(0, 0));
        Assert.Equal(1, table.JAndF);
    }

    private static LabelMap Draw(byte left, byte right)
    {
        var map = new LabelMap(40, 20);
        for (var y = 5; y < 15; y++)
        {
            map.Ids.AsSpan((y * 40) + 5, 10).Fill(left);
            map.Ids.AsSpan((y * 40) + 25, 10).Fill(right);
        }

        return map;
    }
}
