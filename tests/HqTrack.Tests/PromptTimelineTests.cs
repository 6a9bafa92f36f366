using HqTrack.Media;

namespace HqTrack.Tests;

/// <summary>From what a person says to what is done in which frame of which pass.</summary>
public sealed class PromptTimelineTests
{
    [Fact]
    public void Forward_adds_where_an_object_is_first_pointed_out_and_corrects_afterwards()
    {
        var pass = Sample().Plan(TrackingDirection.Forward).Forward!;
        Assert.Equal(0, pass.Start);
        Assert.Equal("add 1,2", Text(pass, 0));
        Assert.Equal("add 3", Text(pass, 10));
        Assert.Equal("correct 1", Text(pass, 20));
        Assert.Equal("remove 2", Text(pass, 30));
    }

    [Fact]
    public void Backward_starts_at_the_last_prompt_of_each_object()
    {
        var timeline = new PromptTimeline();
        timeline.Add(40, Mask(1, 2));
        timeline.Add(20, Mask(1, 3));
        timeline.Remove(5, 3);
        var plan = timeline.Plan(TrackingDirection.Backward);
        Assert.Null(plan.Forward);
        Assert.Equal(40, plan.Backward!.Start);
        Assert.Equal("add 1,2", Text(plan.Backward, 40));
        Assert.Equal("add 3 correct 1", Text(plan.Backward, 20));
        Assert.Equal("remove 3", Text(plan.Backward, 5));
    }

    [Fact]
    public void Both_goes_either_way_from_each_objects_first_prompt()
    {
        var plan = Sample().Plan(TrackingDirection.Both);
        Assert.Equal("correct 1", Text(plan.Forward!, 20));
        Assert.Equal(10, plan.Backward!.Start);
        Assert.Equal("add 3", Text(plan.Backward, 10));
        Assert.Equal("add 1,2", Text(plan.Backward, 0));
        Assert.Equal(string.Empty, Text(plan.Backward, 20));
        Assert.Equal(string.Empty, Text(plan.Backward, 30)); // removed after its first prompt: the forward pass's matter

        var early = new PromptTimeline();
        early.Add(10, Mask(1));
        early.Remove(4, 1);
        Assert.Equal("remove 1", Text(early.Plan(TrackingDirection.Both).Backward!, 4));
        Assert.Equal(string.Empty, Text(early.Plan(TrackingDirection.Both).Forward!, 4));
    }

    [Fact]
    public void The_same_id_twice_in_a_frame() =>
        Assert.Contains("object 2 is pointed out twice in frame 0", Assert.Throws<PromptException>(() => Sample().Add(0, Mask(2))).Message);

    [Fact]
    public void The_same_id_added_twice()
    {
        var timeline = new PromptTimeline();
        timeline.Add(0, Mask(1), PromptKind.Add);
        Assert.Contains("object 1 is added in frame 0 and again in frame 5", Assert.Throws<PromptException>(() => timeline.Add(5, Mask(1), PromptKind.Add)).Message);
    }

    [Fact]
    public void An_id_removed_twice() =>
        Assert.Contains("object 2 is removed in frame 30 and again in frame 35", Assert.Throws<PromptException>(() => Sample().Remove(35, 2)).Message);

    [Theory]
    [InlineData(9, 12, "object 9 is removed in frame 12 but nothing adds it")]
    [InlineData(3, 8, "object 3 is removed in frame 8, before it is tracked")]
    [InlineData(1, 15, "object 1 is removed in frame 15 and pointed out in frame 20")]
    public void A_removal_that_cannot_be_meant(int id, int frame, string expected)
    {
        var timeline = Sample();
        timeline.Remove(frame, id);
        Assert.Contains(expected, Assert.Throws<PromptException>(() => timeline.Plan(TrackingDirection.Forward)).Message);
    }

    [Fact]
    public void A_correction_of_nothing()
    {
        var timeline = new PromptTimeline();
        timeline.Add(4, Mask(6), PromptKind.Correct);
        Assert.Contains("object 6 is corrected in frame 4 but nothing adds it", Assert.Throws<PromptException>(() => timeline.Plan(TrackingDirection.Forward)).Message);
    }

    private static PromptTimeline Sample()
    {
        var timeline = new PromptTimeline();
        timeline.Add(0, Mask(1, 2));
        timeline.Add(10, Mask(3));
        timeline.Add(20, Mask(1));
        timeline.Remove(30, 2);
        return timeline;
    }

    private static string Text(TrackingPass pass, int frame)
    {
        var actions = pass.Actions.GetValueOrDefault(frame);
        return string.Join(' ', new[]
        {
            actions?.Add is { } added ? $"add {string.Join(',', added.Ids)}" : null,
            actions?.Correct is { } corrected ? $"correct {string.Join(',', corrected.Ids)}" : null,
            actions?.Remove is { Count: > 0 } removed ? $"remove {string.Join(',', removed)}" : null,
        }.OfType<string>());
    }

    private static Prompt Mask(params byte[] ids)
    {
        var labels = new LabelMap(16, 8);
        ids.CopyTo(labels.Ids, 0);
        return Prompt.Mask(labels);
    }
}
