using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

[Collection("torch")]
public sealed class EvalTests(LiteWeights weights) : IClassFixture<LiteWeights>, IDisposable
{
    private const int Frames = 6;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("480p")]
    [InlineData("")]
    public async Task Tracking_scores_the_same_as_its_masks_scored_again(string resolution)
    {
        WriteDataset(resolution);
        var tracked = await Hqtrack.RunAsync("eval", "davis", "--root", folder.Root, "-o", folder["masks"], "--weights", weights.Path, "--threads", "1", "--quiet", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (tracked.ExitCode, tracked.Error));
        Assert.Equal(2, tracked.Json.GetProperty("sequences").GetArrayLength());
        Assert.Equal(4, tracked.Json.GetProperty("objects").GetInt32());
        Assert.True(tracked.Json.GetProperty("fps").GetDouble() > 0);
        Assert.Equal(Frames, Directory.GetFiles(folder["masks/first"]).Length);
        var again = await Hqtrack.RunAsync("eval", "davis", "--root", folder.Root, "--results", folder["masks"], "--json");
        Assert.All(["j_and_f", "j", "f", "j_recall", "f_decay"], score =>
            Assert.Equal(tracked.Json.GetProperty(score).GetDouble(), again.Json.GetProperty(score).GetDouble(), 1e-12));
        Assert.Equal(tracked.Json.GetProperty("j_and_f").GetDouble(), (again.Json.GetProperty("j").GetDouble() + again.Json.GetProperty("f").GetDouble()) / 2, 1e-12);
    }

    [Fact]
    public async Task The_annotations_themselves_score_1()
    {
        WriteDataset("480p");
        var run = await Hqtrack.RunAsync("eval", "davis", "--root", folder.Root, "--results", folder["Annotations/480p"]);
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("all       4        1.000  1.000  1.000", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_no_dataset() =>
        (await Hqtrack.RunAsync("eval", "davis", "--root", folder.Root)).AssertFails(ExitCode.Failure, folder.Root, "Annotations", "expected");

    [Fact]
    public async Task A_sequence_that_is_not_there()
    {
        WriteDataset("480p");
        var run = await Hqtrack.RunAsync("eval", "davis", "--root", folder.Root, "--sequences", "first,third", "--weights", weights.Path, "--quiet");
        run.AssertFails(ExitCode.Failure, "third", "first, second");
    }

    [Fact]
    public async Task A_result_that_is_missing()
    {
        WriteDataset("480p");
        var run = await Hqtrack.RunAsync("eval", "davis", "--root", folder.Root, "--results", folder["JPEGImages/480p"]);
        run.AssertFails(ExitCode.Failure, "first", "00001", "expected");
    }

    [Theory]
    [InlineData("--resume", null, "--output")]
    [InlineData("--results", "x --every 2", "--every")]
    [InlineData("--max-frames", "2", "at least 3")]
    public async Task Options_that_do_not_fit_together(string option, string? more, string expected)
    {
        WriteDataset("480p");
        var run = await Hqtrack.RunAsync(["eval", "davis", "--root", folder.Root, option, .. more?.Split(' ') ?? []]);
        run.AssertFails(ExitCode.Usage, option, expected);
    }

    private void WriteDataset(string resolution)
    {
        foreach (var name in (string[])["first", "second"])
        {
            for (var i = 0; i < Frames; i++)
            {
                ImageFile.WriteJpeg(folder[Path.Combine("JPEGImages", resolution, name, $"{i:D5}.jpg")], SmallClip.Draw(i, out var labels));
                MaskFile.Write(folder[Path.Combine("Annotations", resolution, name, $"{i:D5}.png")], labels);
            }
        }
    }
}
