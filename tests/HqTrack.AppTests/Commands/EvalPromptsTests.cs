using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

/// <summary>eval boxes, eval clicks and train refiner, end to end on a few small frames.</summary>
[Collection("torch")]
public sealed class EvalPromptsTests(SamLiteWeights weights) : IClassFixture<SamLiteWeights>, IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Boxes_are_scored_for_every_nth_frame()
    {
        WriteDataset();
        var run = await RunAsync("boxes", "--every", "2");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        Assert.InRange(run.Json.GetProperty("mean_iou").GetDouble(), 0, 1);
        Assert.Equal(2 * 2 * 2, run.Json.GetProperty("objects").GetInt32()); // clips, frames 0 and 2, objects
        Assert.Equal(["first", "second"], run.Json.GetProperty("clips").EnumerateArray().Select(clip => clip.GetProperty("name").GetString()));
        Assert.False(run.Json.TryGetProperty("mean_iou_1", out _));
    }

    [Fact]
    public async Task Clicks_are_scored_one_to_three()
    {
        WriteDataset();
        var run = await RunAsync("clicks");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        Assert.All(["mean_iou_1", "mean_iou_2", "mean_iou_3"], name => Assert.InRange(run.Json.GetProperty(name).GetDouble(), 0, 1));
        Assert.All(run.Json.GetProperty("clips").EnumerateArray(), clip => Assert.Equal(3, clip.GetProperty("iou").GetArrayLength()));
    }

    [Fact]
    public async Task A_folder_that_is_no_dataset() =>
        (await RunAsync("boxes")).AssertFails(ExitCode.Failure, folder.Root, "Annotations", "expected");

    [Fact]
    public async Task A_refiner_is_trained_and_its_weights_can_be_used()
    {
        WriteDataset();
        var run = await Hqtrack.RunAsync(
            "train", "refiner", "--data", folder.Root, "-o", folder["run"], "--steps", "2", "--size", "64", "--images", "1", "--mix", "1:0:0", "--threads", "1", "--quiet", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        Assert.Equal(2, run.Json.GetProperty("steps").GetInt32());
        var boxes = await Hqtrack.RunAsync(
            "eval", "boxes", "--root", folder.Root, "--weights", run.Json.GetProperty("weights").GetString()!, "--threads", "1", "--quiet", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (boxes.ExitCode, boxes.Error));
    }

    [Theory]
    [InlineData("--prompts", "1:2", "BOXES:CLICKS:MASKS")]
    [InlineData("--size", "63", "of at least 64", "from 64 to 2048")]
    [InlineData("--model", "sam-vit-b", "expected sam-lite")]
    public async Task A_recipe_that_cannot_be_meant_is_one_line(string option, string value, params string[] parts)
    {
        var run = await Hqtrack.RunAsync("train", "refiner", "--data", folder.Root, "-o", folder["run"], option, value);
        run.AssertFails(ExitCode.Usage, parts[^1]);
    }

    private Task<RunResult> RunAsync(string kind, params string[] more) =>
        Hqtrack.RunAsync(["eval", kind, "--root", folder.Root, "--weights", weights.Path, "--threads", "1", "--quiet", "--json", .. more]);

    private void WriteDataset()
    {
        foreach (var name in (string[])["first", "second"])
        {
            for (var i = 0; i < 3; i++)
            {
                ImageFile.WriteJpeg(folder[$"JPEGImages/480p/{name}/{i:D5}.jpg"], SmallClip.Draw(i, out var labels));
                MaskFile.Write(folder[$"Annotations/480p/{name}/{i:D5}.png"], labels);
            }
        }
    }
}
