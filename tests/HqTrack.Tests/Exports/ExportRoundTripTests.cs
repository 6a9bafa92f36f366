using System.Text.Json.Nodes;
using HqTrack.Evaluation.Vot;
using HqTrack.Exports;
using HqTrack.Media;
using HqTrack.Tests.Media;
using HqTrack.Tests.Media.Video;

namespace HqTrack.Tests.Exports;

/// <summary>Every format read back gives the masks that were written, also where a run was killed and gone on with.</summary>
public sealed class ExportRoundTripTests
{
    private static readonly Dictionary<string, Func<string, int, SortedDictionary<int, LabelMap>>> Readers = new(StringComparer.Ordinal)
    {
        ["masks"] = (folder, _) => ReadMasks(Path.Combine(folder, "masks")),
        ["binary"] = (folder, _) => BinaryExport.Read(Path.Combine(folder, "binary")),
        ["rgba"] = (folder, _) => CutOutExport.Read(Path.Combine(folder, "rgba")),
        ["coco"] = (folder, _) => CocoExport.Read(Path.Combine(folder, "coco.json")),
        ["ytvos"] = (folder, _) => ReadMasks(Path.Combine(folder, "ytvos", "Annotations", "clip")),
        ["mots"] = (folder, _) => MotsExport.Read(Path.Combine(folder, "mots.txt")),
        ["cvat"] = (folder, _) => CvatExport.Read(Path.Combine(folder, "cvat.xml")),
        ["labelstudio"] = (folder, _) => LabelStudioExport.Read(Path.Combine(folder, "labelstudio.json")),
        ["vot"] = ReadTrajectories,
    };

    public static TheoryData<string> Kinds => [.. Readers.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Masks_come_back_as_they_were(string kind)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            using var folder = new TempFolder();
            var clip = new RandomClip(seed, frames: 1 + (seed % 5));
            using (var export = Open(kind, folder.Root))
            {
                clip.WriteTo(export, 0, clip.Count);
                export.Close();
            }

            clip.AssertEquals(Readers[kind](folder.Root, clip.Width), kind, seed);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_killed_export_goes_on_from_its_checkpoint(string kind)
    {
        for (var seed = 0; seed < 6; seed++)
        {
            using var folder = new TempFolder();
            var clip = new RandomClip(seed, frames: 6);
            JsonObject state;
            using (var export = Open(kind, folder.Root))
            {
                clip.WriteTo(export, 0, 3);
                state = JsonNode.Parse(export.Checkpoint().ToJsonString())!.AsObject();
                clip.WriteTo(export, 3, 5); // lost with the process
            }

            using (var export = Open(kind, folder.Root, state))
            {
                clip.WriteTo(export, 3, 6);
                export.Close();
            }

            clip.AssertEquals(Readers[kind](folder.Root, clip.Width), kind, seed);
        }
    }

    [Theory]
    [InlineData("coco", "coco.json")]
    [InlineData("ytvos", "ytvos/meta.json")]
    [InlineData("cvat", "cvat.xml")]
    [InlineData("labelstudio", "labelstudio.json")]
    [InlineData("csv", "objects.csv")]
    public void Names_of_objects_are_in_the_file_and_masks_come_back(string kind, string file)
    {
        string[] names = ["Käfer, \"rot\"", "<car> & 'car'", "=1+1", "car 7", "car 7"]; // two may have one name
        for (var seed = 0; seed < 4; seed++)
        {
            using var folder = new TempFolder();
            var clip = new RandomClip(seed, frames: 3);
            var target = new ExportTarget(folder.Root, new NamedSource()) { Names = Enumerable.Range(1, 255).ToDictionary(id => id, id => names[id % names.Length]) };
            using (var export = ExportKind.All.Single(entry => entry.Name == kind).Open(target))
            {
                clip.WriteTo(export, 0, clip.Count);
                export.Close();
            }

            var path = Path.Combine(folder.Root, file);
            var expected = clip.Results.SelectMany(result => result.Objects).Where(entry => kind is "coco" or "cvat" or "csv" || entry.Area > 0).Select(entry => target.NameOf(entry.Id)).ToHashSet();
            Assert.Equal(expected.Order(StringComparer.Ordinal), NamesIn(kind, path).Distinct().Order(StringComparer.Ordinal));
            if (Readers.TryGetValue(kind, out var read))
            {
                clip.AssertEquals(read(folder.Root, clip.Width), kind, seed);
            }
            else
            {
                Assert.Equal(clip.Results.Sum(result => result.Objects.Count), CsvExport.Read(path).Count);
            }
        }
    }

    [Fact]
    public void The_table_has_a_line_per_object_and_frame()
    {
        using var folder = new TempFolder();
        var clip = new RandomClip(3, frames: 4);
        using (var export = Open("csv", folder.Root))
        {
            clip.WriteTo(export, 0, 4);
            export.Close();
        }

        var lines = CsvExport.Read(folder["objects.csv"]);
        Assert.Equal(clip.Results.SelectMany(result => result.Objects.Select(entry => (result.Index, entry.Id, entry.Box, entry.Area, entry.RefinerKept))), lines.Select(line => (line.Frame, line.Id, line.Box, line.Area, line.RefinerKept)));
        Assert.Equal(clip.Results.SelectMany(result => result.Objects.Select(entry => Math.Round(entry.Confidence, 4))), lines.Select(line => line.Confidence));
        Assert.All(lines, line => Assert.Equal(line.Frame * 0.04, line.Time!.Value, 6));
    }

    [Fact]
    public void Coco_holds_the_official_run_lengths_and_what_coco_asks_for()
    {
        using var folder = new TempFolder();
        var clip = new RandomClip(5, frames: 3);
        using (var export = Open("coco", folder.Root))
        {
            clip.WriteTo(export, 0, 3);
            export.Close();
        }

        var coco = JsonNode.Parse(File.ReadAllText(folder["coco.json"]))!;
        foreach (var annotation in coco["annotations"]!.AsArray())
        {
            var result = clip.Results[annotation!["image_id"]!.GetValue<int>() - 1];
            var id = annotation["category_id"]!.GetValue<int>();
            var mask = Rle.OfPixels([.. result.Labels.Ids.Select(pixel => pixel == id ? (byte)1 : (byte)0)], clip.Width, clip.Height);
            Assert.Equal(mask.ToText(), annotation["segmentation"]!["counts"]!.GetValue<string>()); // Rle is held to pycocotools by its own tests
            Assert.Equal(mask.Area, annotation["area"]!.GetValue<int>());
            Assert.Equal([mask.Box.X, mask.Box.Y, mask.Box.Width, mask.Box.Height], annotation["bbox"]!.AsArray().Select(side => side!.GetValue<int>()));
        }

        var ids = coco["annotations"]!.AsArray().Select(annotation => annotation!["id"]!.GetValue<int>()).ToList();
        Assert.Equal(Enumerable.Range(1, ids.Count), ids);
        Assert.Equal(3, coco["images"]!.AsArray().Count);
    }

    [Fact]
    public void YouTube_Vos_meta_lists_the_frames_of_each_object()
    {
        using var folder = new TempFolder();
        var clip = new RandomClip(8, frames: 5);
        using (var export = Open("ytvos", folder.Root))
        {
            clip.WriteTo(export, 0, 5);
            export.Close();
        }

        var objects = JsonNode.Parse(File.ReadAllText(folder["ytvos/meta.json"]))!["videos"]!["clip"]!["objects"]!.AsObject();
        foreach (var (id, entry) in objects)
        {
            var expected = clip.Results.Where(result => result.Labels.Ids.Contains(byte.Parse(id))).Select(result => $"{result.Index:D5}");
            Assert.Equal(expected, entry!["frames"]!.AsArray().Select(frame => frame!.GetValue<string>()));
        }
    }

    [Theory]
    [InlineData("mots", "mots.txt", "0 1001 1 4 4\n")]
    [InlineData("csv", "objects.csv", "frame\n1,2\n")]
    public void A_damaged_file_is_named(string kind, string file, string content)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder[file], content);
        var e = Assert.Throws<MediaException>(() => kind == "mots" ? (object)MotsExport.Read(folder[file]) : CsvExport.Read(folder[file]));
        Assert.Contains("line", e.Message);
    }

    [Fact]
    public void The_overlay_video_keeps_every_frame_over_a_kill()
    {
        TestVideo.Need();
        using var folder = new TempFolder();
        JsonObject state;
        var clip = new RandomClip(2, frames: 20, width: 63, height: 47);
        using (var export = Open("overlay-video", folder.Root))
        {
            clip.WriteTo(export, 0, 7);
            state = export.Checkpoint();
            clip.WriteTo(export, 7, 12);
        }

        using (var export = Open("overlay-video", folder.Root, state))
        {
            clip.WriteTo(export, 7, 20);
            export.Close();
        }

        var source = FrameSource.Open(folder["overlay.mp4"]);
        Assert.Equal((20, 64, 48), (source.Count, source.Width, source.Height));
        Assert.Equal(20, source.Read(TestContext.Current.CancellationToken).Count());
    }

    [Fact]
    public void The_overlay_animation_keeps_every_frame_over_a_kill()
    {
        using var folder = new TempFolder();
        JsonObject state;
        var clip = new RandomClip(2, frames: 9, width: 63, height: 47);
        using (var export = new OverlayAnimation(new(folder.Root, new NamedSource())))
        {
            clip.WriteTo(export, 0, 4);
            state = export.Checkpoint();
            clip.WriteTo(export, 4, 6);
        }

        using (var export = new OverlayAnimation(new(folder.Root, new NamedSource(), state)))
        {
            clip.WriteTo(export, 4, 9);
            export.Close();
        }

        Assert.Equal(9, FrameSource.Open(folder["overlay.webp"]).Read(TestContext.Current.CancellationToken).Count());
    }

    private static IExport Open(string kind, string folder, JsonObject? state = null) =>
        ExportKind.All.Append(VotExport.Kind).Single(entry => entry.Name == kind).Open(new(folder, new NamedSource(), state));

    // As other programs find them.
    private static IEnumerable<string> NamesIn(string kind, string path)
    {
        static IEnumerable<string> Strings(JsonNode? list, Func<JsonNode, JsonNode?> of) => list!.AsArray().Select(entry => of(entry!)!.GetValue<string>());
        var text = File.ReadAllText(path);
        return kind switch
        {
            "coco" => Strings(JsonNode.Parse(text)!["categories"], category => category["name"]),
            "ytvos" => JsonNode.Parse(text)!["videos"]!["clip"]!["objects"]!.AsObject().Select(entry => entry.Value!["category"]!.GetValue<string>()),
            "cvat" => System.Xml.Linq.XDocument.Parse(text).Descendants("label").Select(label => label.Element("name")!.Value),
            "labelstudio" => JsonNode.Parse(text)!.AsArray().SelectMany(task => Strings(task!["predictions"]![0]!["result"], brush => brush["value"]!["brushlabels"]![0])),
            _ => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line[(line.IndexOf('"') + 1)..^1].Replace("\"\"", "\"", StringComparison.Ordinal).Replace("'=", "=", StringComparison.Ordinal)),
        };
    }

    private static SortedDictionary<int, LabelMap> ReadMasks(string folder) =>
        new(Directory.GetFiles(folder).ToDictionary(file => int.Parse(Path.GetFileNameWithoutExtension(file)), file => MaskFile.Read(file, allowEmpty: true)));

    // Text and binary say the same.
    private static SortedDictionary<int, LabelMap> ReadTrajectories(string folder, int width)
    {
        var (text, binary) = (new SortedDictionary<int, LabelMap>(), new SortedDictionary<int, LabelMap>());
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "vot")))
        {
            var frames = file.EndsWith(".txt", StringComparison.Ordinal) ? text : binary;
            var regions = Trajectory.Read(file);
            for (var i = 0; i < regions.Count; i++)
            {
                var labels = frames.TryGetValue(i, out var there) ? there : frames[i] = new(width, RandomClip.HeightOf(width));
                LabelRegions.Draw(regions[i], labels, byte.Parse(Path.GetFileNameWithoutExtension(file)));
            }
        }

        Assert.Equal(text.Keys, binary.Keys);
        Assert.All(text, frame => Assert.Equal(frame.Value.Ids, binary[frame.Key].Ids));
        return text;
    }

    private sealed class NamedSource : FrameSource
    {
        public override string Name => "/videos/clip.mp4";

        public override int? Count => null;

        public override int Width => 0;

        public override int Height => 0;

        public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default) => [];
    }
}
