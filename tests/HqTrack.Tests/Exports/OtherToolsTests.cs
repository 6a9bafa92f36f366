using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml;
using HqTrack.Exports;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.Tests.Exports;

/// <summary>Files for annotation tools, read step by step as those tools' own import reads them.</summary>
public sealed class OtherToolsTests
{
    private const int Frames = 5;

    /// <summary>
    /// CVAT, load_anno of cvat/apps/dataset_manager/formats/cvat.py: elements are taken one by one as they open and close; a mask's points are its runs
    /// and the corners of its box, both inclusive; runs go along the rows of the box, background first. A video's frame is found by its name.
    /// </summary>
    [Fact]
    public void Cvat_finds_the_masks()
    {
        for (var seed = 0; seed < 8; seed++)
        {
            using var folder = new TempFolder();
            var clip = Export(folder, "cvat", seed);
            var drawn = Enumerable.Range(0, Frames).ToDictionary(index => index, _ => new LabelMap(clip.Width, clip.Height));
            var declared = new HashSet<string>();
            int? frame = null;
            using var reader = XmlReader.Create(folder["cvat.xml"]);
            while (reader.Read())
            {
                switch (reader)
                {
                    case { NodeType: XmlNodeType.Element, Name: "name", Depth: 5 }: // annotations/meta/task/labels/label/name
                        declared.Add(reader.ReadElementContentAsString());
                        break;
                    case { NodeType: XmlNodeType.Element, Name: "image" }:
                        frame = int.Parse(Path.GetFileNameWithoutExtension(reader.GetAttribute("name"))!["frame_".Length..], CultureInfo.InvariantCulture);
                        Assert.Equal(frame.ToString(), reader.GetAttribute("id")); // what counts where no name fits
                        break;
                    case { NodeType: XmlNodeType.EndElement, Name: "image" }:
                        frame = null;
                        break;
                    case { NodeType: XmlNodeType.Element, Name: "mask" }:
                        Assert.Contains(reader.GetAttribute("label")!, declared); // a task has these labels, others are refused
                        Assert.True(reader.GetAttribute("occluded") is "0" or "1");
                        int Number(string name) => int.Parse(reader.GetAttribute(name)!, CultureInfo.InvariantCulture);
                        List<int> points = [.. reader.GetAttribute("rle")!.Split(',').Select(run => int.Parse(run, CultureInfo.InvariantCulture))];
                        points.AddRange([Number("left"), Number("top"), Number("left") + Number("width") - 1, Number("top") + Number("height") - 1]);
                        DrawPoints(drawn[frame!.Value], byte.Parse(reader.GetAttribute("label")!["object ".Length..]), points);
                        break;
                }
            }

            Assert.All(clip.Results, result => Assert.Equal(result.Labels.Ids, drawn[result.Index].Ids));
        }
    }

    /// <summary>
    /// Label Studio, decode_rle of label_studio_converter/brush.py (the library rle-pack): the code as a text of bits; the picture is
    /// height x width x 4, and what counts is the fourth channel.
    /// </summary>
    [Fact]
    public void Label_Studio_finds_the_masks()
    {
        for (var seed = 0; seed < 8; seed++)
        {
            using var folder = new TempFolder();
            var clip = Export(folder, "labelstudio", seed);
            var tasks = JsonNode.Parse(File.ReadAllText(folder["labelstudio.json"]))!.AsArray();
            Assert.Equal(Frames, tasks.Count);
            foreach (var (task, result) in tasks.Zip(clip.Results))
            {
                var drawn = new LabelMap(clip.Width, clip.Height);
                foreach (var region in task!["predictions"]![0]!["result"]!.AsArray())
                {
                    Assert.Equal(("brushlabels", "rle", 0), (Text(region!["type"]), Text(region["value"]!["format"]), region["image_rotation"]!.GetValue<int>()));
                    var (width, height) = (region["original_width"]!.GetValue<int>(), region["original_height"]!.GetValue<int>());
                    var values = Unpack([.. region["value"]!["rle"]!.AsArray().Select(code => code!.GetValue<int>())]);
                    Assert.Equal(height * width * 4, values.Length);
                    var id = byte.Parse(Text(region["value"]!["brushlabels"]![0])["object ".Length..]);
                    for (var pixel = 0; pixel < height * width; pixel++)
                    {
                        if (values[(pixel * 4) + 3] > 0)
                        {
                            Assert.Equal(255, values[(pixel * 4) + 3]);
                            drawn.Ids[pixel] = id;
                        }
                    }
                }

                Assert.Equal(result.Labels.Ids, drawn.Ids);
            }
        }
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    private static RandomClip Export(TempFolder folder, string kind, int seed)
    {
        var clip = seed == 7 ? new RandomClip(seed, Frames, 400, 300) : new RandomClip(seed, Frames); // one with runs beyond every length field
        using var export = ExportKind.All.Single(entry => entry.Name == kind).Open(new(folder.Root, new VideoLike()));
        clip.WriteTo(export, 0, Frames);
        export.Close();
        return clip;
    }

    private static void DrawPoints(LabelMap labels, byte id, List<int> points)
    {
        var (runs, left, top, right, bottom) = (points[..^4], points[^4], points[^3], points[^2], points[^1]);
        Assert.True(left >= 0 && top >= 0 && right < labels.Width && bottom < labels.Height && left <= right && top <= bottom);
        var row = runs.SelectMany((run, i) => Enumerable.Repeat(i % 2 == 1, run)).ToList();
        Assert.Equal((right - left + 1) * (bottom - top + 1), row.Count);
        for (var i = 0; i < row.Count; i++)
        {
            if (row[i])
            {
                labels.Ids[((top + (i / (right - left + 1))) * labels.Width) + left + (i % (right - left + 1))] = id;
            }
        }
    }

    private static byte[] Unpack(int[] code)
    {
        var bits = new StringBuilder();
        foreach (var item in code)
        {
            Assert.InRange(item, 0, 255);
            bits.Append(Convert.ToString(item, 2).PadLeft(8, '0'));
        }

        var (text, at) = (bits.ToString(), 0);
        int Read(int count) => Convert.ToInt32(text[at..(at += count)], 2);
        var values = new byte[Read(32)];
        var word = Read(5) + 1;
        var lengths = Enumerable.Range(0, 4).Select(_ => Read(4) + 1).ToArray();
        for (var i = 0; i < values.Length;)
        {
            var isRepeated = Read(1) == 1;
            var end = i + 1 + Read(lengths[Read(2)]);
            if (isRepeated)
            {
                Array.Fill(values, (byte)Read(word), i, end - i); // past the end throws
                i = end;
            }

            for (; i < end; i++)
            {
                values[i] = (byte)Read(word);
            }
        }

        return values;
    }

    // Frames are named as CVAT names those of a video.
    private sealed class VideoLike : FrameSource
    {
        public override string Name => "clip.mp4";

        public override int? Count => Frames;

        public override int Width => 0;

        public override int Height => 0;

        public override string FrameName(int index) => $"frame_{index:D6}";

        public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default) => [];
    }
}
