using HqTrack.Media;
using HqTrack.Training.Data;

namespace HqTrack.Tests.Training.Data;

public sealed class ClipSourceTests(SmallDataFolder data) : IClassFixture<SmallDataFolder>
{
    private static readonly ClipShape Shape = new(4, 65);

    [Theory]
    [InlineData(1f, 0f)]
    [InlineData(0f, 1f)]
    public void Ids_count_up_from_one_are_all_in_frame_0_and_at_most_ten(float videos, float stills)
    {
        var source = TrainingData.Open(data.Root).CreateSource(new ClipMix(videos, stills, 0), new PictureCache());
        var most = 0;
        for (var i = 0; i < 150; i++)
        {
            var rng = Rng.For(7, i);
            var clip = source.Next(ref rng, Shape);
            Assert.Equal(Enumerable.Range(1, clip.ObjectCount), clip.Labels[0].ObjectIds());
            Assert.InRange(clip.ObjectCount, 1, Clip.MaxObjects);
            Assert.Equal(4, clip.Frames.Length);
            Assert.All(clip.Labels, map => Assert.All(map.ObjectIds(), id => Assert.InRange(id, 1, clip.ObjectCount)));
            Assert.All(clip.Frames, frame => Assert.Equal((65, 65), (frame.Width, frame.Height)));
            most = Math.Max(most, clip.ObjectCount);
        }

        Assert.True(most >= 4, $"at most {most} objects in 150 clips");
    }

    [Fact]
    public void A_clip_depends_on_seed_and_number_alone()
    {
        var folder = TrainingData.Open(data.Root);
        var warm = folder.CreateSource(new ClipMix(), new PictureCache());
        var tiny = folder.CreateSource(new ClipMix(), new PictureCache(maxBytes: 1));
        for (var i = 0; i < 30; i++)
        {
            var (a, b, c) = (Rng.For(1, i), Rng.For(1, i), Rng.For(2, i));
            var first = warm.Next(ref a, Shape);
            AssertEqual(first, tiny.Next(ref b, Shape));
            Assert.Equal(a.State, b.State);
            Assert.False(first.Frames[0].Rgb.AsSpan().SequenceEqual(warm.Next(ref c, Shape).Frames[0].Rgb));
        }
    }

    [Fact]
    public void Things_move_and_ids_are_shuffled()
    {
        var source = TrainingData.Open(data.Root).CreateSource(new ClipMix(0, 1, 0), new PictureCache());
        var (moved, firstIds) = (0, new HashSet<int>());
        for (var i = 0; i < 60; i++)
        {
            var rng = Rng.For(3, i);
            var clip = source.Next(ref rng, Shape);
            moved += clip.Labels[0].Ids.AsSpan().SequenceEqual(clip.Labels[^1].Ids) ? 0 : 1;
            firstIds.Add(clip.Labels[0].Ids.First(id => id > 0));
        }

        Assert.True(moved >= 55, $"{moved} of 60 clips moved");
        Assert.True(firstIds.Count >= 4, "the topmost object nearly always has the same id");
    }

    [Fact]
    public void Masks_without_objects_end_with_one_line()
    {
        var empty = Directory.CreateTempSubdirectory("hqtrack-empty-").FullName;
        try
        {
            var (image, _) = SmallDataFolder.Draw(40, 40, []);
            Directory.CreateDirectory(Path.Combine(empty, "JPEGImages"));
            Directory.CreateDirectory(Path.Combine(empty, "Annotations"));
            ImageFile.WritePng(Path.Combine(empty, "JPEGImages", "a.png"), image);
            MaskFile.Write(Path.Combine(empty, "Annotations", "a.png"), new LabelMap(40, 40));
            var source = TrainingData.Open(empty).CreateSource(new ClipMix(), new PictureCache());
            var rng = new Rng(1);
            var error = Assert.Throws<MediaException>(() => source.Next(ref rng, Shape));
            Assert.Contains("no object", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
        finally
        {
            Directory.Delete(empty, recursive: true);
        }
    }

    [Fact]
    public void A_window_around_an_object_holds_it_and_shows_it_larger()
    {
        var root = Directory.CreateTempSubdirectory("hqtrack-zoom-").FullName;
        try
        {
            var (image, labels) = SmallDataFolder.Draw(400, 300, [(1, 180, 140, 40, 30)]);
            Directory.CreateDirectory(Path.Combine(root, "static/one/JPEGImages"));
            Directory.CreateDirectory(Path.Combine(root, "static/one/Annotations"));
            ImageFile.WritePng(Path.Combine(root, "static/one/JPEGImages/0.png"), image);
            MaskFile.Write(Path.Combine(root, "static/one/Annotations/0.png"), labels);
            double[] Areas(float zoomShare)
            {
                var source = TrainingData.Open(root).CreateImageSource(new ClipMix(Videos: 0, Stills: 1, Scenes: 0), new PictureCache(), zoomShare: zoomShare);
                return [.. Enumerable.Range(0, 60).Select(i =>
                {
                    var rng = Rng.For(3, i);
                    return (double)source.Next(ref rng, new ClipShape(1, 129)).Labels[0].Ids.Count(id => id != 0);
                })];
            }

            double[] near = Areas(1), far = Areas(0);
            Assert.InRange(near.Average() / far.Average(), 2, 50);
            Assert.All(near, area => Assert.InRange(area, 128 * 128 * 0.01, 128 * 128)); // 1.4 to 4.5 times its length around it
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    internal static void AssertEqual(Clip expected, Clip actual)
    {
        Assert.Equal(expected.ObjectCount, actual.ObjectCount);
        for (var t = 0; t < expected.Frames.Length; t++)
        {
            Assert.True(expected.Frames[t].Rgb.AsSpan().SequenceEqual(actual.Frames[t].Rgb), $"pixels of frame {t} differ");
            Assert.True(expected.Labels[t].Ids.AsSpan().SequenceEqual(actual.Labels[t].Ids), $"ids of frame {t} differ");
        }
    }
}
