using HqTrack.Scenes;
using HqTrack.Training.Data;

namespace HqTrack.Tests.Training.Data;

public sealed class SceneClipSourceTests
{
    [Fact]
    public void Clips_have_the_shape_asked_for_and_ids_that_count_up_from_one()
    {
        var source = new SceneClipSource();
        var (most, moved) = (0, 0);
        for (var i = 0; i < 40; i++)
        {
            var rng = Rng.For(5, i);
            var clip = source.Next(ref rng, new ClipShape(4, 65));
            Assert.Equal(Enumerable.Range(1, clip.ObjectCount), clip.Labels[0].ObjectIds());
            Assert.Equal(4, clip.Frames.Length);
            Assert.All(clip.Frames, frame => Assert.Equal((65, 65), (frame.Width, frame.Height)));
            Assert.All(clip.Labels, map => Assert.All(map.ObjectIds(), id => Assert.InRange(id, 1, clip.ObjectCount)));
            most = Math.Max(most, clip.ObjectCount);
            moved += clip.Labels[0].Ids.AsSpan().SequenceEqual(clip.Labels[^1].Ids) ? 0 : 1;
        }

        Assert.True(most >= 5, $"at most {most} objects in 40 clips");
        Assert.True(moved >= 36, $"{moved} of 40 clips moved");
    }

    [Fact]
    public void A_clip_depends_on_seed_and_number_alone()
    {
        for (var i = 0; i < 5; i++)
        {
            var (a, b) = (Rng.For(1, i), Rng.For(1, i));
            var shape = new ClipShape(3, 65);
            ClipSourceTests.AssertEqual(new SceneClipSource().Next(ref a, shape), new SceneClipSource().Next(ref b, shape));
            Assert.Equal(a.State, b.State);
        }
    }

    [Fact]
    public void One_frame_and_long_clips_are_made_too()
    {
        var rng = new Rng(9);
        Assert.Single(new SceneClipSource().Next(ref rng, new ClipShape(1, 49)).Frames);
        Assert.Equal(90, new SceneClipSource().Next(ref rng, new ClipShape(90, 33)).Frames.Length);
    }

    [Fact]
    public void Seeds_of_the_demo_are_refused_for_training_scenes() =>
        Assert.Throws<ArgumentException>(() => Scene.Create(new() { Library = SceneLibrary.Training, Seed = 999_999 }));
}
