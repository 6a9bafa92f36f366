using System.Text.Json;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

/// <summary>segment, and track with boxes, points and a refiner.</summary>
[Collection("torch")]
public sealed class SegmentTests(SamLiteWeights sam, LiteWeights lite) : IClassFixture<SamLiteWeights>, IClassFixture<LiteWeights>, IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("--point", "60,40")]
    [InlineData("--box", "20,10,60,50")]
    [InlineData("--box", "20,10,60,50", "--point", "40,30", "--point", "100,70,-")]
    public async Task Points_and_boxes_give_a_mask(params string[] prompts)
    {
        var run = await SegmentAsync([.. prompts, "--json", "--overlay", folder["overlay.jpg"]]);
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        var mask = MaskFile.Read(folder["mask.png"], SmallClip.Width, SmallClip.Height);
        var found = Assert.Single(run.Json.GetProperty("objects").EnumerateArray());
        Assert.Equal([1], mask.ObjectIds());
        Assert.Equal(mask.Ids.Count(id => id == 1), found.GetProperty("area").GetInt32());
        Assert.Equal("sam-lite", run.Json.GetProperty("model").GetString());
        Assert.Equal(SmallClip.Width, ImageFile.Read(folder["overlay.jpg"]).Width);
    }

    [Fact]
    public async Task A_rough_mask_is_sharpened_or_left_alone()
    {
        var clip = SmallClip.Write(folder, 1);
        var run = await SegmentAsync("--mask", clip.Mask, "--gate", "iou-best:1", "--json");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(MaskFile.Read(clip.Mask).Ids, MaskFile.Read(folder["mask.png"]).Ids);
        Assert.All(run.Json.GetProperty("objects").EnumerateArray(), entry => Assert.False(entry.GetProperty("kept").GetBoolean()));
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task Everything_is_segmented()
    {
        var run = await SegmentAsync("--all", "--json");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(run.Json.GetProperty("objects").GetArrayLength() > 0, MaskFile.Read(folder["mask.png"], allowEmpty: true).ObjectIds().Count > 0);
    }

    [Theory]
    [InlineData("outside", "--point", "112,3")]
    [InlineData("outside", "--box", "100,70,20,20")]
    [InlineData("no area", "--box", "5,5,0,9")]
    [InlineData("--point", "--point", "NaN,3")]
    [InlineData("--point", "--point", "3")]
    [InlineData("--point", "--point", "3,4,x")]
    [InlineData("--box", "--box", "1,2,3")]
    [InlineData("--box", "--box", "a,2,3,4")]
    [InlineData("--box", "--box", "0:1,2,3,4")]
    [InlineData("only points outside", "--point", "3,4,-")]
    [InlineData("--all", "--point", "3,4", "--all")]
    [InlineData("--gate", "--mask", "m.png", "--gate", "sharp")]
    [InlineData("nothing says what to segment")]
    public async Task Prompts_that_cannot_be_meant_are_one_line_and_exit_code_2(string part, params string[] prompts)
    {
        var run = await SegmentAsync(prompts);
        run.AssertFails(ExitCode.Usage, part == "outside" ? "is not inside the frame of 112x80" : part);
        Assert.False(File.Exists(folder["mask.png"]));
    }

    [Fact]
    public async Task More_prompts_than_fit_are_one_line_and_exit_code_2() =>
        (await SegmentAsync([.. Enumerable.Range(0, 65).SelectMany(i => new[] { "--point", $"{i},3" })])).AssertFails(ExitCode.Usage, "65 points", "64");

    [Fact]
    public async Task Objects_are_tracked_from_boxes_and_points_and_refined()
    {
        var clip = SmallClip.Write(folder, 3);
        var run = await TrackAsync(
            clip, "--box", "4:5,5,40,30", "--point", "9:70,50", "--refine", "every", "--gate", "hqtrack", "--refinements", folder["refinements.jsonl"], "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        Assert.Equal("sam-lite", run.Json.GetProperty("refiner").GetString());
        Assert.Equal([4, 9], run.Json.GetProperty("per_object").EnumerateArray().Select(entry => entry.GetProperty("id").GetInt32()));
        Assert.Contains(4, MaskFile.Read(folder["out/masks/00000.png"]).ObjectIds());
        var lines = File.ReadAllLines(folder["refinements.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([(1, 4), (1, 9), (2, 4), (2, 9)], lines.Select(line => (line.GetProperty("frame").GetInt32(), line.GetProperty("id").GetInt32())));
        Assert.All(lines, line => Assert.Equal(line.GetProperty("outcome").GetString() == "kept", line.GetProperty("kept").GetBoolean()));
    }

    [Theory]
    [InlineData("--box ID:x,y,w,h")]
    [InlineData("is not inside the frame", "--box", "1:100,70,20,20")]
    [InlineData("object id", "--box", "1,2,3,4")]
    [InlineData("--refine 'seldom' is not known", "--box", "1:5,5,40,30", "--refine", "seldom")]
    public async Task Objects_that_cannot_be_tracked_are_one_line_and_exit_code_2(string part, params string[] more) =>
        (await TrackAsync(SmallClip.Write(folder, 1), more)).AssertFails(ExitCode.Usage, part.Replace("--refine '", "refinement '", StringComparison.Ordinal));

    [Fact]
    public async Task A_box_without_a_refiner_is_one_line_and_exit_code_2()
    {
        var clip = SmallClip.Write(folder, 1);
        (await Hqtrack.RunAsync("track", clip.Frames, "--box", "1:5,5,40,30", "-o", folder["out"], "--weights", lite.Path, "--threads", "1", "--quiet"))
            .AssertFails(ExitCode.Usage, "--refiner");
    }

    private Task<RunResult> SegmentAsync(params string[] more)
    {
        var image = folder["image.png"];
        ImageFile.WritePng(image, SmallClip.Draw(0, out _));
        return Hqtrack.RunAsync(["segment", image, "-o", folder["mask.png"], "--weights", sam.Path, "--threads", "1", "--quiet", .. more]);
    }

    private Task<RunResult> TrackAsync(SmallClip clip, params string[] more) => Hqtrack.RunAsync(
        ["track", clip.Frames, "-o", folder["out"], "--weights", lite.Path, "--refiner", "sam-lite", "--refiner-weights", sam.Path, "--threads", "1", "--quiet", .. more]);
}
