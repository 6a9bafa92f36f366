using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Evaluation.Datasets;
using HqTrack.Media;
using HqTrack.Scenes;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

/// <summary>Prompts in any frame and either way, on a rendered clip with the weights that come with the project.</summary>
[Collection("torch")]
public sealed class TrackPromptsTests(TrackPromptsTests.RenderedScene scene) : IClassFixture<TrackPromptsTests.RenderedScene>
{
    [Fact]
    public async Task Added_at_10_corrected_at_20_removed_at_30()
    {
        using var folder = new TempFolder();
        scene.WriteMask(folder["first.png"], 0, 1, 2);
        scene.WriteMask(folder["late.png"], 10, 3);
        scene.WriteMask(folder["corrected.png"], 20, 1);
        File.WriteAllText(folder["prompts.json"], """
            [
              { "frame": 0, "add": { "mask": "first.png" } },
              { "frame": 10, "add": { "mask": "late.png" } },
              { "frame": 20, "correct": { "mask": "corrected.png" } },
              { "frame": 30, "remove": 2 }
            ]
            """);
        var run = await TrackAsync(folder, "--prompts", folder["prompts.json"]);
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        scene.AssertFollows(folder["out"], i => [1, .. i < 30 ? [2] : Array.Empty<int>(), .. i >= 10 ? [3] : Array.Empty<int>()]);
        Assert.Equal(scene.Only(10, 3), Labels(folder, 10).Ids.Select(id => id == 3)); // given masks are as given
        Assert.Equal(scene.Only(20, 1), Labels(folder, 20).Ids.Select(id => id == 1));
    }

    [Fact]
    public async Task Backward_from_40()
    {
        using var folder = new TempFolder();
        scene.WriteMask(folder["last.png"], 40, 1, 2, 3);
        scene.WriteMask(folder["corrected.png"], 20, 1);
        var run = await TrackAsync(folder, "--mask", folder["last.png@40"], "--mask", folder["corrected.png@20"], "--direction", "backward");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        scene.AssertFollows(folder["out"], i => i <= 40 ? [1, 2, 3] : []);
        Assert.Equal(scene.Only(20, 1), Labels(folder, 20).Ids.Select(id => id == 1));
        Assert.Equal(["masks"], Directory.GetFileSystemEntries(folder["out"]).Select(Path.GetFileName)); // nothing of the way back is left
    }

    [Fact]
    public async Task Both_ways_from_the_middle_covers_every_frame()
    {
        using var folder = new TempFolder();
        scene.WriteMask(folder["middle.png"], 24, 1, 2);
        scene.WriteMask(folder["later.png"], 30, 3);
        var run = await TrackAsync(folder, "--mask", folder["middle.png@24"], "--mask", folder["later.png@30"], "--direction", "both", "--tracking", "separate");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        scene.AssertFollows(folder["out"], _ => [1, 2, 3]);
    }

    [Theory]
    [InlineData("frame 99", "--mask", "first.png@99")]
    [InlineData("pointed out twice in frame 5", "--mask", "first.png@5", "--mask", "first.png@5")]
    [InlineData("added in frame 0 and again in frame 5", "--prompts", """[{"frame":0,"add":{"mask":"first.png"}},{"frame":5,"add":{"mask":"first.png"}}]""")]
    [InlineData("entry 3: object 1 is removed in frame 3 and again in frame 4", "--prompts", """[{"frame":0,"add":{"mask":"first.png"}},{"frame":3,"remove":1},{"frame":4,"remove":1}]""")]
    [InlineData("entry 1: it holds not exactly one", "--prompts", """[{"frame":0}]""")]
    [InlineData("is not a list of prompts", "--prompts", """{"frame":0}""")]
    [InlineData("is not a list of prompts", "--prompts", """[{"frame":0,"ad":{"mask":"first.png"}}]""")]
    [InlineData("does not show object 8", "--prompts", """[{"frame":0,"add":{"mask":"first.png","id":8}}]""")]
    [InlineData("is not inside the frame", "--box", "4@3:500,0,10,10")]
    [InlineData("expected ID: or ID@FRAME:", "--point", "4@x:5,5")]
    [InlineData("expected one of forward, backward, both", "--mask", "first.png", "--direction", "sideways")]
    public async Task Prompts_that_cannot_be_meant(string expected, params string[] options)
    {
        using var folder = new TempFolder();
        scene.WriteMask(folder["first.png"], 0, 1, 2);
        for (var i = 1; i < options.Length; i++)
        {
            if (options[i - 1] == "--prompts")
            {
                File.WriteAllText(folder["prompts.json"], options[i]);
                options[i] = folder["prompts.json"];
            }
            else if (options[i - 1] == "--mask")
            {
                options[i] = folder[options[i]];
            }
        }

        var run = await TrackAsync(folder, options);
        run.AssertFails(ExitCode.Usage, expected);
        Assert.False(Directory.Exists(folder["out"]));
    }

    private Task<RunResult> TrackAsync(TempFolder folder, params string[] options) =>
        Hqtrack.RunAsync(["track", scene.FrameFolder, "-o", folder["out"], "--max-size", "270", "--quiet", .. options]);

    private static LabelMap Labels(TempFolder folder, int index) => IndexedPng.Read(folder[$"out/masks/{index:D5}.png"]);

    /// <summary>A small rendered clip of three objects.</summary>
    public sealed class RenderedScene : IDisposable
    {
        public const int Frames = 48;

        private readonly TempFolder folder = new();
        private readonly RenderedClip clip;

        public RenderedScene() =>
            clip = RenderedClip.Write(Scene.Create(new() { Seed = 1, Width = 480, Height = 270, Frames = Frames, Occlusion = false }), folder.Root);

        /// <summary>Folder with NNNNN.jpg.</summary>
        public string FrameFolder => Path.GetDirectoryName(clip.Frames[0])!;

        /// <summary>Writes the true masks of some objects.</summary>
        public void WriteMask(string path, int index, params int[] ids) => MaskFile.Write(path, LabelMerge.Only(clip.Truth(index), ids));

        /// <summary>Which pixels belong to an object.</summary>
        public IEnumerable<bool> Only(int index, int id) => clip.Truth(index).Ids.Select(pixel => pixel == id);

        /// <summary>Asserts that the result has in each frame these objects alone, and that they are where they should be: J of 0.7 in the mean, seen too late or lost nowhere.</summary>
        public void AssertFollows(string output, Func<int, int[]> tracked)
        {
            var overlaps = new Dictionary<int, List<double>>();
            for (var index = 0; index < Frames; index++)
            {
                var (labels, truth) = (IndexedPng.Read(Path.Combine(output, "masks", $"{index:D5}.png")), clip.Truth(index));
                Assert.Empty(labels.ObjectIds().Except(tracked(index)));
                foreach (var id in tracked(index))
                {
                    int both = 0, either = 0;
                    for (var i = 0; i < truth.Ids.Length; i++)
                    {
                        both += truth.Ids[i] == id && labels.Ids[i] == id ? 1 : 0;
                        either += truth.Ids[i] == id || labels.Ids[i] == id ? 1 : 0;
                    }

                    overlaps.TryAdd(id, []);
                    overlaps[id].Add(either == 0 ? 1 : both / (double)either);
                }
            }

            var text = string.Join("; ", overlaps.OrderBy(entry => entry.Key).Select(entry => $"object {entry.Key}: J {entry.Value.Average():0.000}, lowest {entry.Value.Min():0.000}, {entry.Value.Count} frames"));
            Assert.True(overlaps.All(entry => entry.Value.Average() >= 0.7), text);
            TestContext.Current.TestOutputHelper?.WriteLine(text);
        }

        public void Dispose() => folder.Dispose();
    }
}
