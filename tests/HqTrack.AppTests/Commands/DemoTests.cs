using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Evaluation.Demo;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

[Collection("torch")]
public sealed class DemoTests(LiteWeights weights) : IClassFixture<LiteWeights>
{
    [Fact]
    public async Task It_renders_tracks_scores_and_reports()
    {
        using var folder = new TempFolder();
        var run = await Hqtrack.RunAsync("demo", "-o", folder["demo"], "--weights", weights.Path, "--max-size", "64", "--threads", "1", "--quiet", "--json");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        var (frames, objects) = (run.Json.GetProperty("frames").GetInt32(), run.Json.GetProperty("objects").GetInt32());
        Assert.Equal((60, 3), (frames, objects));
        var (tracker, copy) = (new ScoreTable(frames, objects), new ScoreTable(frames, objects));
        for (var i = 0; i < frames; i++)
        {
            var truth = IndexedPng.Decode(File.ReadAllBytes(folder[$"demo/truth/{i:D5}.png"]), "truth");
            tracker.Add(i, truth, IndexedPng.Decode(File.ReadAllBytes(folder[$"demo/masks/{i:D5}.png"]), "mask"));
            copy.Add(i, truth, IndexedPng.Decode(File.ReadAllBytes(folder["demo/truth/00000.png"]), "first"));
        }

        Assert.Equal(tracker.JAndF, run.Json.GetProperty("j_and_f").GetDouble(), 1e-12);
        Assert.Equal(copy.JAndF, run.Json.GetProperty("j_and_f_copy_first_mask").GetDouble(), 1e-12);
        Assert.InRange(run.Json.GetProperty("j_and_f_color_baseline").GetDouble(), copy.JAndF, 0.7); // knows more than a copy, less than a tracker
        Assert.True(run.Json.GetProperty("fps").GetDouble() > 0);
        Assert.Equal(frames, Directory.GetFiles(folder["demo/masks"], "*.png").Length);
        Assert.Equal([1, 2, 3], MaskFile.Read(folder["demo/masks/00000.png"]).ObjectIds());
        var animation = File.ReadAllBytes(folder["demo/overlay.webp"]);
        Assert.Equal(frames, CountOf(animation, "ANMF"u8));
        var page = File.ReadAllText(folder["demo/report.html"]);
        Assert.DoesNotContain("http", page.Replace("http://www.w3.org", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal); // nothing to load
        Assert.Equal(2, page.Split("<svg").Length - 1);
        Assert.Equal(5, page.Split("<img").Length - 1);
    }

    [Theory]
    [InlineData("--seed", "1000000")]
    [InlineData("--seed", "-1")]
    [InlineData("--seed", "one")]
    public async Task Seeds_are_those_of_the_demo(string option, string value) =>
        (await Hqtrack.RunAsync("demo", option, value)).AssertFails(ExitCode.Usage, "--seed", "999999");

    private static int CountOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> part)
    {
        var count = 0;
        for (var at = bytes.IndexOf(part); at >= 0; at = bytes.IndexOf(part))
        {
            count++;
            bytes = bytes[(at + 4)..];
        }

        return count;
    }
}
