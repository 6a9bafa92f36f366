using HqTrack.Scenes;
using HqTrack.Scenes.Geometry;
using HqTrack.Scenes.Staging;
using HqTrack.Scenes.Surfaces;

namespace HqTrack.Tests.Scenes;

/// <summary>What is trained on and what is judged by share nothing.</summary>
public sealed class SceneLibraryTests
{
    [Fact]
    public void Every_kind_belongs_to_exactly_one_library()
    {
        var (demo, training) = (SceneLibrary.Demo, SceneLibrary.Training);
        Partition(demo.Meshes, training.Meshes);
        Partition(demo.Textures, training.Textures);
        Partition(demo.Motions, training.Motions);
        Partition(demo.Cameras, training.Cameras);
        Partition(demo.Stages, training.Stages);
        Assert.True(demo.LastSeed < training.FirstSeed);
        Assert.Equal(1_000_000, training.FirstSeed);

        static void Partition<T>(IReadOnlyList<T> demo, IReadOnlyList<T> training)
            where T : struct, Enum
        {
            Assert.NotEmpty(demo);
            Assert.NotEmpty(training);
            Assert.Empty(demo.Intersect(training));
            Assert.Equal(Enum.GetValues<T>().Order(), demo.Concat(training).Order());
        }
    }

    [Theory]
    [InlineData("demo", 0)]
    [InlineData("training", 1_000_000)]
    public void Scenes_are_made_of_their_library_alone(string name, long firstSeed)
    {
        var library = name == "demo" ? SceneLibrary.Demo : SceneLibrary.Training;
        var (meshes, textures, motions) = (new HashSet<MeshKind>(), new HashSet<TextureKind>(), new HashSet<MotionKind>());
        for (var i = 0; i < 40; i++)
        {
            var script = Scene.Create(new() { Seed = firstSeed + i, Library = library, Width = 64, Height = 64, Objects = 4, Occlusion = false }).Script;
            meshes.UnionWith(script.Actors.Select(actor => actor.Kind));
            textures.UnionWith(script.Actors.SelectMany(actor => actor.Materials).Concat(script.Scenery.SelectMany(body => body.Materials)).Select(material => material.Kind));
            motions.UnionWith(script.Actors.Select(actor => actor.Motion.Kind).OfType<MotionKind>());
            Assert.Contains(script.Stage, library.Stages);
            Assert.Contains(script.Camera.Kind, library.Cameras);
        }

        // Subsets of the library, and all of it is used.
        Assert.Equal(library.Meshes.Order(), meshes.Order());
        Assert.Equal(library.Textures.Order(), textures.Order());
        Assert.Equal(library.Motions.Order(), motions.Order());
    }
}
