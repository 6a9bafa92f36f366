using HqTrack.Media;
using HqTrack.Scenes;
using HqTrack.Scenes.Rendering;
using HqTrack.Scenes.Staging;

namespace HqTrack.Tests.Scenes;

/// <summary>What scenes show over time, at the frames' own resolution.</summary>
public sealed class StoryTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Demo_objects_are_well_seen_at_first_move_far_hide_one_another_and_are_there_in_the_end(long seed)
    {
        var scene = Scene.Create(new() { Seed = seed, Width = 320, Height = 180 });
        var maps = Enumerable.Range(0, 30).Select(i => scene.Render(2 * i).Labels).Append(scene.Render(59).Labels).ToArray();
        Assert.Equal([1, 2, 3], maps[0].ObjectIds());
        for (var id = 1; id <= 3; id++)
        {
            Assert.True(Area(maps[0], id) >= 0.01 * 320 * 180, $"object {id} has {Area(maps[0], id)} pixels at first");
            Assert.True(Area(maps[^1], id) >= 0.004 * 320 * 180, $"object {id} has {Area(maps[^1], id)} pixels at last");
            Assert.True(maps.Skip(1).Average(map => Overlap(maps[0], map, id)) < 0.35, $"object {id} stays where it was");
        }

        Assert.Contains(Enumerable.Range(1, 3), id => Enumerable.Range(1, 29).Any(i => Hidden(scene, 2 * i, id) > 0.5));
    }

    [Theory]
    [InlineData("demo", 11)]
    [InlineData("training", 1_000_011)]
    public void An_object_leaves_and_comes_back_when_asked(string library, long seed)
    {
        var scene = Scene.Create(new()
        {
            Seed = seed, Width = 160, Height = 90, Objects = 2, LeaveAndReturn = true, Occlusion = false,
            Library = library == "demo" ? SceneLibrary.Demo : SceneLibrary.Training,
        });
        var maps = Enumerable.Range(0, 60).Select(i => scene.Render(i).Labels).ToArray();
        Assert.Contains([1, 2], id =>
        {
            var gone = Array.FindIndex(maps, map => Area(map, id) == 0);
            return gone > 0 && maps.Skip(gone).Any(map => Area(map, id) > 50);
        });
    }

    [Fact]
    public void Look_alikes_share_mesh_and_materials()
    {
        for (var seed = 1_000_000; seed < 1_000_005; seed++)
        {
            var actors = Scene.Create(new() { Seed = seed, Library = SceneLibrary.Training, Width = 64, Height = 64, LookAlikes = true }).Script.Actors;
            Assert.Same(actors[0].Mesh, actors[1].Mesh);
            Assert.Same(actors[0].Materials, actors[1].Materials);
        }
    }

    [Theory]
    [InlineData(1, 640, 360, 1)]
    [InlineData(2, 90, 160, 10)]
    [InlineData(5, 64, 64, 60)]
    [InlineData(10, 320, 180, 60)]
    [InlineData(14, 320, 180, 60)]
    [InlineData(3, 128, 72, 600)]
    public void Any_size_length_and_number_of_objects_is_served(int objects, int width, int height, int frames)
    {
        var scene = Scene.Create(new() { Seed = 21, Width = width, Height = height, Frames = frames, Objects = objects, Occlusion = objects > 1 });
        Assert.Equal(Enumerable.Range(1, objects), scene.Render(0).Labels.ObjectIds());
        var (frame, labels) = scene.Render(frames - 1);
        Assert.Equal((width, height, frames - 1), (frame.Width, frame.Height, frame.Index));
        Assert.Equal((width, height), (labels.Width, labels.Height));
    }

    private static int Area(LabelMap map, int id) => map.Ids.Count(p => p == id);

    private static double Overlap(LabelMap a, LabelMap b, int id)
    {
        var (both, either) = (0, 0);
        for (var p = 0; p < a.Ids.Length; p++)
        {
            both += a.Ids[p] == id && b.Ids[p] == id ? 1 : 0;
            either += a.Ids[p] == id || b.Ids[p] == id ? 1 : 0;
        }

        return (double)both / Math.Max(1, either);
    }

    // The share of the object that others cover: rendered with and without them.
    private static double Hidden(Scene scene, int index, int id)
    {
        var whole = scene.Script.At(index, scene.Width, scene.Height);
        var alone = whole with { Bodies = [whole.Bodies.Single(body => body.Id == id)] };
        var (rgb, with, without) = (new byte[scene.Width * scene.Height * 3], new byte[scene.Width * scene.Height], new byte[scene.Width * scene.Height]);
        var renderer = new FrameRenderer(scene.Width, scene.Height);
        renderer.Draw([whole], rgb, with);
        renderer.Draw([alone], rgb, without);
        var (shown, all) = (with.Count(p => p == id), without.Count(p => p == id));
        return all == 0 ? 0 : 1 - ((double)shown / all);
    }
}
