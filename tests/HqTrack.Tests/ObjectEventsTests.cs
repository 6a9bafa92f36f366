using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Tests;

public sealed class ObjectEventsTests
{
    [Fact]
    public void Lost_after_three_frames_and_reappeared() =>
        Assert.Equal(["0 added", "5 lost", "9 reappeared"], Told([.. Enumerable.Repeat(100, 5), 0, 0, 0, 0, 100, 100]));

    [Fact]
    public void Two_frames_without_a_pixel_are_no_loss() => Assert.Equal(["0 added"], Told([100, 100, 0, 0, 100, 100]));

    [Fact]
    public void Gone_at_the_end_is_lost() => Assert.Equal(["0 added", "3 lost"], Told([100, 100, 100, 0]));

    [Fact]
    public void A_sudden_loss_of_area_may_be_an_occlusion() => Assert.Equal(["0 added", "4 occluded", "7 clear"], Told([100, 100, 100, 100, 49, 60, 69, 71, 100]));

    [Fact]
    public void Leaving_over_the_border_is_none() => Assert.Equal(["0 added"], Told([100, 100, 100, 100, 40, 20], left: 0));

    [Fact]
    public void Shrinking_slowly_is_none() => Assert.Equal(["0 added"], Told([.. Enumerable.Range(0, 60).Select(i => 1000 - (i * 12))]));

    [Fact]
    public void A_state_goes_on_where_it_was()
    {
        int[] areas = [100, 100, 100, 40, 40, 0, 0, 0, 0, 90, 100, 100, 0, 0];
        for (var cut = 1; cut < areas.Length; cut++)
        {
            Assert.Equal(Told(areas), Told(areas, cut: cut));
        }
    }

    [Fact]
    public void Removal_is_told_once()
    {
        var events = new ObjectEvents();
        Assert.Single(events.Add(Frame(0, 50, 5)));
        Assert.Equal(ObjectEventKind.Removed, Assert.Single(events.Add(new(1, new LabelMap(64, 64), []))).Kind);
        Assert.Empty(events.Add(new(2, new LabelMap(64, 64), [])));
        Assert.Empty(events.AtTheEnd());
    }

    private static List<string> Told(int[] areas, int left = 5, int cut = -1)
    {
        var events = new ObjectEvents();
        var told = new List<ObjectEvent>();
        for (var i = 0; i < areas.Length; i++)
        {
            if (i == cut)
            {
                events = new(JsonNode.Parse(events.Save().ToJsonString())!.AsObject());
            }

            told.AddRange(events.Add(Frame(i, areas[i], left)));
        }

        return [.. told.Concat(events.AtTheEnd()).Select(entry => $"{entry.Frame} {entry.Name}")];
    }

    private static TrackedFrame Frame(int index, int area, int left) =>
        new(index, new LabelMap(64, 64), [new(1, area, area == 0 ? null : new Box(left, 5, 20, 20), 0.9, false)]);
}
