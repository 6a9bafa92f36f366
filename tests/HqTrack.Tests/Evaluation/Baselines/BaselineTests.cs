using HqTrack.Evaluation.Baselines;
using HqTrack.Media;

namespace HqTrack.Tests.Evaluation.Baselines;

public sealed class BaselineTests
{
    [Fact]
    public void The_nearest_point_is_the_nearest_of_all()
    {
        var random = new Random(7);
        var points = Enumerable.Range(0, 3 * 500).Select(_ => (float)random.Next(20)).ToArray();
        var tree = new KdTree(points, 3);
        var near = -1;
        for (var i = 0; i < 300; i++)
        {
            float[] query = [random.NextSingle() * 25, random.NextSingle() * 25, random.NextSingle() * 25];
            near = tree.Nearest(query, i % 3 == 0 ? -1 : near);
            Assert.Equal(Enumerable.Range(0, 500).Min(k => Distance(points, k, query)), Distance(points, near, query));
        }
    }

    [Fact]
    public void Colours_keep_their_object_where_it_moves()
    {
        var first = Scene(20);
        var baseline = new ColorNearest(first.Frame, first.Labels);
        var moved = Scene(60);
        var predicted = baseline.Predict(moved.Frame);
        Assert.True(predicted.Ids.Zip(moved.Labels.Ids).Count(pair => pair.First == pair.Second) > 0.97 * predicted.Ids.Length);
        Assert.Equal([1, 2], predicted.ObjectIds());
        var copied = new CopyFirstMask(first.Labels).Predict(moved.Frame);
        Assert.Same(first.Labels, copied);
    }

    private static float Distance(float[] points, int index, float[] query) =>
        Enumerable.Range(0, 3).Sum(axis => (points[(index * 3) + axis] - query[axis]) * (points[(index * 3) + axis] - query[axis]));

    // A red and a blue square on grey, 500 x 200: every second pixel is sampled.
    private static (Frame Frame, LabelMap Labels) Scene(int left)
    {
        const int Width = 500;
        const int Height = 200;
        var rgb = new byte[Width * Height * 3];
        Array.Fill(rgb, (byte)128);
        var labels = new LabelMap(Width, Height);
        foreach (var (id, channel, x0) in new[] { ((byte)1, 0, left), ((byte)2, 2, left + 250) })
        {
            for (var y = 40; y < 120; y++)
            {
                for (var x = x0; x < x0 + 80; x++)
                {
                    labels.Ids[(y * Width) + x] = id;
                    rgb[(((y * Width) + x) * 3) + channel] = 250;
                }
            }
        }

        return (new Frame(rgb, Width, Height), labels);
    }
}
