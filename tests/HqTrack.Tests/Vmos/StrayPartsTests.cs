using HqTrack.Media;
using HqTrack.Vmos;

namespace HqTrack.Tests.Vmos;

/// <summary>Parts of an object apart from where it was are dropped; what may be the object stays.</summary>
public sealed class StrayPartsTests
{
    private const int Width = 60, Height = 40;
    private const float Probability = 0.75f;

    private static readonly LabelMap Before = Map((1, 10, 10, 8, 8), (2, 40, 10, 8, 8));

    [Fact]
    public void A_part_far_from_the_object_is_dropped_with_its_share_of_the_confidence()
    {
        var found = Found(Map((1, 12, 11, 8, 8), (1, 40, 30, 4, 4)));
        StrayParts.Drop(found, Before);
        Assert.Equal(Map((1, 12, 11, 8, 8)).Ids, found.Labels.Ids);
        Assert.Equal(64, found.Area[1]);
        Assert.Equal(Probability, found.Confidence(1), 6);
    }

    [Fact]
    public void Parts_near_the_object_stay()
    {
        // Half the side of a square of its area: four pixels around the box.
        var near = Map((1, 10, 10, 8, 8), (1, 21, 10, 3, 3));
        var found = Found(near);
        StrayParts.Drop(found, Before);
        Assert.Equal(near.Ids, found.Labels.Ids);
        found = Found(Map((1, 10, 10, 8, 8), (1, 22, 10, 3, 3)));
        StrayParts.Drop(found, Before);
        Assert.Equal(Map((1, 10, 10, 8, 8)).Ids, found.Labels.Ids);
    }

    [Fact]
    public void A_long_part_that_reaches_the_object_is_one_part_also_over_corners()
    {
        var snake = Map((1, 10, 10, 8, 8));
        for (var i = 0; i < 20; i++)
        {
            snake.Ids[((18 + i) * Width) + 18 + i] = 1;
        }

        var found = Found(snake);
        StrayParts.Drop(found, Before);
        Assert.Equal(snake.Ids, found.Labels.Ids);
    }

    [Fact]
    public void An_object_that_jumped_or_was_not_seen_keeps_every_part()
    {
        var jumped = Map((1, 30, 30, 4, 4), (1, 50, 2, 4, 4), (3, 0, 0, 2, 2), (3, 50, 30, 5, 5));
        var found = Found(jumped);
        StrayParts.Drop(found, Before);
        Assert.Equal(jumped.Ids, found.Labels.Ids);
    }

    [Fact]
    public void Objects_do_not_hold_each_other()
    {
        // A part of 1 beside 2 is stray, and 2 itself stays.
        var found = Found(Map((1, 10, 10, 8, 8), (1, 48, 10, 2, 8), (2, 40, 10, 8, 8)));
        StrayParts.Drop(found, Before);
        Assert.Equal(Before.Ids, found.Labels.Ids);
    }

    [Fact]
    public void Parts_are_found_as_by_flooding()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var labels = new LabelMap(Width, Height);
            for (var i = 0; i < labels.Ids.Length; i++)
            {
                labels.Ids[i] = (byte)(random.NextDouble() < 0.45 ? 1 + random.Next(2) : 0);
            }

            var expected = Flooded(labels, new(6, 6, 16, 16), new(36, 6, 16, 16));
            var found = Found(labels);
            StrayParts.Drop(found, Before);
            Assert.Equal(expected, found.Labels.Ids);
        }
    }

    [Fact]
    public void Published_models_keep_the_published_numbers() => Assert.Equal(["lite"], VmosConfig.All.Where(config => config.DropsStrayParts).Select(config => config.Name));

    // The slow way: what can be reached from the box around each object stays.
    private static byte[] Flooded(LabelMap labels, params Box[] places)
    {
        var kept = new byte[labels.Ids.Length];
        for (var id = 1; id <= places.Length; id++)
        {
            var place = places[id - 1];
            var open = new Stack<(int X, int Y)>();
            for (var y = place.Y; y < place.Y + place.Height; y++)
            {
                for (var x = place.X; x < place.X + place.Width; x++)
                {
                    open.Push((x, y));
                }
            }

            while (open.TryPop(out var at))
            {
                if (at.X is >= 0 and < Width && at.Y is >= 0 and < Height && labels[at.X, at.Y] == id && kept[(at.Y * Width) + at.X] == 0)
                {
                    kept[(at.Y * Width) + at.X] = (byte)id;
                    foreach (var step in Enumerable.Range(0, 9))
                    {
                        open.Push((at.X + (step % 3) - 1, at.Y + (step / 3) - 1));
                    }
                }
            }
        }

        return kept;
    }

    private static LabelMap Map(params (int Id, int X, int Y, int Width, int Height)[] boxes)
    {
        var map = new LabelMap(Width, Height);
        foreach (var box in boxes)
        {
            for (var y = box.Y; y < box.Y + box.Height; y++)
            {
                map.Ids.AsSpan((y * Width) + box.X, box.Width).Fill((byte)box.Id);
            }
        }

        return map;
    }

    private static DecodedLabels Found(LabelMap labels)
    {
        var copy = new LabelMap([.. labels.Ids], labels.Width, labels.Height);
        var area = new long[LabelMap.MaxId + 1];
        foreach (var id in copy.Ids)
        {
            area[id]++;
        }

        return new(copy, [.. area.Select(pixels => pixels * (double)Probability)], area) { ProbabilityAt = (_, _, _) => Probability };
    }
}
