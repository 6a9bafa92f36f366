using System.Diagnostics;
using System.Globalization;
using System.Text;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Evaluation.Vot;
using HqTrack.Evaluation.Vot.Trax;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

[Collection("torch")]
public sealed class VotTests(LiteWeights weights) : IClassFixture<LiteWeights>, IDisposable
{
    private const int Frames = 4;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Trax_session_answers_every_object_of_every_frame()
    {
        var clip = SmallClip.Write(folder, Frames);
        var input = new StringBuilder();
        foreach (var mask in Masks(clip))
        {
            input.Append(new TraxMessage(TraxMessageType.Initialize, TraxRegion.Format(mask)));
        }

        for (var i = 0; i < Frames; i++)
        {
            input.Append(new TraxMessage(TraxMessageType.Frame, $"file://{clip.Frames}/{i:D5}.jpg"));
        }

        var run = await ServeAsync(input.Append(new TraxMessage(TraxMessageType.Quit)).ToString());
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("@@TRAX:hello ", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"trax.version=4\"", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"trax.multiobject=1\"", lines[0], StringComparison.Ordinal);
        Assert.Equal(1 + (2 * Frames), lines.Length);
        Assert.Equal(Masks(clip).Select(mask => $"@@TRAX:state \"{TraxRegion.Format(mask)}\" \"confidence=1.0000\" "), lines[1..3]);
        Assert.All(lines[1..], line => Assert.StartsWith("@@TRAX:state \"mask:", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Trax_session_with_boxes_answers_boxes()
    {
        var clip = SmallClip.Write(folder, 1);
        var run = await ServeAsync($"@@TRAX:initialize \"10,12,24,24\"\n@@TRAX:initialize \"900,900,5,5\"\n@@TRAX:frame \"{clip.Frames}/00000.jpg\"\n@@TRAX:quit\n", "--region", "rectangle");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        Assert.Contains("\"trax.region=rectangle;\"", run.Out, StringComparison.Ordinal);
        Assert.Contains("@@TRAX:state \"10.0000,12.0000,24.0000,24.0000\" \"confidence=1.0000\"", run.Out, StringComparison.Ordinal);
        Assert.Contains("@@TRAX:state \"0.0000,0.0000,0.0000,0.0000\" \"confidence=0.0000\"", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "went away")]
    [InlineData("@@TRAX:frame \"/a.png\" \n", "before any object")]
    [InlineData("@@TRAX:initialize \"mask:0,0,99999,99999,4\" \n", "million pixels")]
    [InlineData("@@TRAX:initialize \"0,0,9,9\" \n@@TRAX:frame \"/nowhere/a.png\" \n", "/nowhere/a.png")]
    [InlineData("@@TRAX:initialize \"0,0,9,9\" \n@@TRAX:fra", "went away")]
    [InlineData("stays open", "sent nothing for 1 s")]
    public async Task A_hostile_client_gets_an_exit_code_and_a_line(string input, string expected)
    {
        var run = await ServeAsync(input == "stays open" ? null : input, "--timeout", "1");
        run.AssertFails(ExitCode.Failure, expected);
        Assert.Contains("@@TRAX:quit \"trax.reason=", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_protocol_writes_a_line_a_frame()
    {
        var clip = SmallClip.Write(folder, Frames);
        var (first, second) = (Masks(clip)[0], Masks(clip)[1]);
        Directory.CreateDirectory(folder["work"]);
        File.WriteAllLines(folder["work/frames_color.txt"], Enumerable.Range(0, Frames).Select(i => $"{clip.Frames}/{i:D5}.jpg"));
        File.WriteAllText(folder["work/query_obj0.txt"], $"0\n{RegionText.Format(first)}\ncategory=square\n");
        File.WriteAllText(folder["work/query_obj1.txt"], $"2\n{RegionText.Format(second)}\n");
        var run = await Hqtrack.RunAsync("vot", "--protocol", "folder", "--folder", folder["work"], "--weights", weights.Path, "--threads", "1", "--quiet");
        Assert.Equal((ExitCode.Ok, string.Empty), (run.ExitCode, run.Error));
        Assert.Equal("2 objects in 4 frames\n", run.Out);
        var (lines, later) = (File.ReadAllLines(folder["work/output_obj0.txt"]), File.ReadAllLines(folder["work/output_obj1.txt"]));
        Assert.Equal((Frames, Frames), (lines.Length, later.Length));
        Assert.Equal(RegionText.Format(first), lines[0]);
        Assert.Equal(["0", "0", RegionText.Format(second)], later[..3]);
        Assert.Equal(Frames, File.ReadAllLines(folder["work/output_obj0_confidence.txt"]).Select(line => double.Parse(line, CultureInfo.InvariantCulture)).Count(value => value is >= 0 and <= 1));
    }

    [Theory]
    [InlineData("9\n1,2,3,4\n", "query_a.txt' line 1 is '9'")]
    [InlineData("0\n0\n", "only described in words")]
    [InlineData("0\nm1,2,x\n", "query_a.txt' line 2")]
    [InlineData("0\n", "1 lines")]
    public async Task Folder_protocol_names_the_line_that_is_wrong(string query, string expected)
    {
        var clip = SmallClip.Write(folder, 1);
        Directory.CreateDirectory(folder["work"]);
        File.WriteAllText(folder["work/frames_color.txt"], $"{clip.Frames}/00000.jpg\n");
        File.WriteAllText(folder["work/query_a.txt"], query);
        (await Hqtrack.RunAsync("vot", "--protocol", "folder", "--folder", folder["work"], "--weights", weights.Path, "--quiet")).AssertFails(ExitCode.Failure, expected);
    }

    [Fact]
    public async Task Init_writes_an_entry_that_starts_this_program()
    {
        var file = folder["trackers.ini"];
        Assert.Equal(ExitCode.Ok, (await Hqtrack.RunAsync("vot", "init", "-o", file, "--weights", "a b.safetensors", "--max-size", "320")).ExitCode);
        Assert.Equal(ExitCode.Ok, (await Hqtrack.RunAsync("vot", "init", "-o", file, "--name", "second", "--protocol", "folder")).ExitCode);
        var text = File.ReadAllText(file);
        Assert.StartsWith("[hqtrack]\nlabel = hqtrack\nprotocol = trax\ncommand = /", text, StringComparison.Ordinal);
        Assert.Contains($"vot --protocol trax --weights \"{Path.GetFullPath("a b.safetensors")}\" --max-size 320\ntimeout = 300\n\n[second]", text, StringComparison.Ordinal);
        (await Hqtrack.RunAsync("vot", "init", "-o", file)).AssertFails(ExitCode.Usage, "[hqtrack] already");
    }

    private Region.Mask[] Masks(SmallClip clip)
    {
        var labels = MaskFile.Read(clip.Mask);
        return [.. Box.Of(labels).OrderBy(pair => pair.Key).Select(pair => LabelRegions.Of(labels, new(pair.Key, 1, pair.Value, 1, false)))];
    }

    // Null stays open without a word.
    private async Task<RunResult> ServeAsync(string? input, params string[] more)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "HqTrack.Cli.dll"), "vot", "--weights", weights.Path, "--threads", "1", .. more])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        await process.WaitForExitAsync(patience.Token);
        return new(process.ExitCode, await output, await error);
    }
}
