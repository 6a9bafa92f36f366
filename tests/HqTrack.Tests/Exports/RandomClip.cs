using HqTrack.Exports;
using HqTrack.Media;

namespace HqTrack.Tests.Exports;

/// <summary>Frames with masks that are hard on formats: single pixels, full frames, borders, objects that come late and go, gaps in the ids.</summary>
internal sealed class RandomClip
{
    private readonly List<Frame> frames = [];

    public RandomClip(int seed, int frames, int? width = null, int? height = null)
    {
        var random = new Random(seed);
        Width = width ?? random.Next(1, 60);
        Height = height ?? HeightOf(Width);
        byte[] ids = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => (byte)random.Next(1, 256)).Distinct()];
        for (var i = 0; i < frames; i++)
        {
            var rgb = new byte[Width * Height * 3];
            random.NextBytes(rgb);
            this.frames.Add(new(rgb, Width, Height, i, TimeSpan.FromSeconds(i * 0.04)));
            byte[] tracked = [.. ids.Skip(i == 0 && seed % 2 == 0 ? 1 : 0)]; // one object comes late
            Results.Add(Describe(i, Draw(random, tracked), tracked, random));
        }
    }

    public int Width { get; }

    public int Height { get; }

    public int Count => frames.Count;

    public List<TrackedFrame> Results { get; } = [];

    /// <summary>The height that goes with a width, for formats that do not hold it.</summary>
    public static int HeightOf(int width) => 1 + (width * 7 % 40);

    public void WriteTo(IExport export, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            export.Write(frames[i], Results[i]);
        }
    }

    /// <summary>Frames without any object may be missing, where the format has no place for them.</summary>
    public void AssertEquals(SortedDictionary<int, LabelMap> read, string kind, int seed)
    {
        Assert.Empty(read.Keys.Except(Results.Select(result => result.Index)));
        foreach (var result in Results)
        {
            if (read.TryGetValue(result.Index, out var labels))
            {
                Assert.True((labels.Width, labels.Height) == (Width, Height) && labels.Ids.AsSpan().SequenceEqual(result.Labels.Ids), $"{kind}, seed {seed}, frame {result.Index}");
            }
            else
            {
                Assert.True(result.Labels.ObjectIds().Count == 0, $"{kind}, seed {seed}, frame {result.Index} is missing");
            }
        }
    }

    private LabelMap Draw(Random random, byte[] ids)
    {
        var labels = new LabelMap(Width, Height);
        foreach (var id in ids)
        {
            switch (random.Next(5))
            {
                case 0:
                    labels.Ids[random.Next(labels.Ids.Length)] = id;
                    break;
                case 1:
                    Array.Fill(labels.Ids, id);
                    break;
                case 2:
                    for (var i = 0; i < labels.Ids.Length; i += 1 + random.Next(5))
                    {
                        labels.Ids[i] = id;
                    }

                    break;
                case 3:
                    for (var i = random.Next(Width); i < labels.Ids.Length; i += Width)
                    {
                        labels.Ids[i] = id;
                    }

                    break;
                default:
                    break; // not seen
            }
        }

        return labels;
    }

    private static TrackedFrame Describe(int index, LabelMap labels, byte[] ids, Random random)
    {
        var boxes = Box.Of(labels);
        return new(index, labels, [.. ids.Order().Select(id => new TrackedObject(
            id, labels.Ids.Count(pixel => pixel == id), boxes.TryGetValue(id, out var box) ? box : null, random.NextDouble(), random.Next(2) == 0))]);
    }
}
