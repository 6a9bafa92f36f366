using System.Security.Cryptography;
using HqTrack.Media;
using HqTrack.Scenes;

namespace HqTrack.Tests.Scenes;

public sealed class SceneTests
{
    private static readonly SceneOptions Small = new() { Width = 96, Height = 54 };

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    public void Frames_depend_on_the_options_alone_not_on_order_or_threads(float blur)
    {
        var options = Small with { Seed = 3, MotionBlur = blur };
        int[] order = [0, 7, 31, 59];
        var once = order.Select(Scene.Create(options).Render).ToArray();
        var scene = Scene.Create(options);
        var again = new (Frame Frame, LabelMap Labels)[order.Length];
        Parallel.For(0, order.Length, i => again[order.Length - 1 - i] = scene.Render(order[order.Length - 1 - i]));
        for (var i = 0; i < order.Length; i++)
        {
            Assert.Equal(order[i], once[i].Frame.Index);
            Assert.True(once[i].Frame.Rgb.AsSpan().SequenceEqual(again[i].Frame.Rgb), $"pixels of frame {order[i]}");
            Assert.True(once[i].Labels.Ids.AsSpan().SequenceEqual(again[i].Labels.Ids), $"ids of frame {order[i]}");
        }
    }

    /// <summary>The same bits on every machine and in every build; a change to how scenes look changes these on purpose.</summary>
    [Theory]
    [InlineData("demo", 0, 17, "4d39dab7310c7ce4", "f59ff81a0af64573")]
    [InlineData("training", 1_000_000, 17, "b7b0f51a6641fbae", "35cfab7f3cee6f7a")]
    public void A_seed_gives_the_same_bits_everywhere(string library, long seed, int index, string pixels, string ids)
    {
        var (frame, labels) = Scene.Create(Small with { Seed = seed, Library = library == "demo" ? SceneLibrary.Demo : SceneLibrary.Training }).Render(index);
        Assert.Equal((pixels, ids), (Hash(frame.Rgb), Hash(labels.Ids)));

        static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
    }

    [Fact]
    public void Another_seed_gives_another_scene()
    {
        var (a, b) = (Scene.Create(Small with { Seed = 1 }).Render(0), Scene.Create(Small with { Seed = 2 }).Render(0));
        Assert.NotEqual(Convert.ToHexString(SHA256.HashData(a.Labels.Ids)), Convert.ToHexString(SHA256.HashData(b.Labels.Ids)));
    }

    [Fact]
    public void Blur_leaves_the_labels_as_they_are()
    {
        var (sharp, blurred) = (Scene.Create(Small).Render(20), Scene.Create(Small with { MotionBlur = 0.8f }).Render(20));
        Assert.Equal(sharp.Labels.Ids, blurred.Labels.Ids);
        Assert.NotEqual(sharp.Frame.Rgb, blurred.Frame.Rgb);
    }

    [Theory]
    [InlineData(-1, "demo", 0)]
    [InlineData(1_000_000, "demo", 0)]
    [InlineData(999_999, "training", 0)]
    [InlineData(5, "demo", 1)]
    public void Bad_options_are_named_in_one_line(long seed, string library, int objects)
    {
        var options = Small with { Seed = seed, Library = library == "demo" ? SceneLibrary.Demo : SceneLibrary.Training, Objects = objects == 0 ? 3 : objects };
        var error = Assert.Throws<ArgumentException>(() => Scene.Create(options));
        Assert.Contains("expected", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(60)]
    public void Frames_outside_the_scene_are_refused(int index) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Scene.Create(Small).Render(index));
}
