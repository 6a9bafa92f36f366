using System.Diagnostics;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;
using HqTrack.Tests.Media;

namespace HqTrack.AppTests.Commands;

/// <summary>What users really pass: each ends with one line (found, expected, what to do), its exit code, and only whole files.</summary>
[Collection("torch")]
public sealed class BadInputTests(LiteWeights weights) : IClassFixture<LiteWeights>, IDisposable
{
    private const int Frames = 6;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_empty_folder()
    {
        var clip = SmallClip.Write(folder, 1);
        Directory.CreateDirectory(folder["empty"]);
        var run = await Hqtrack.RunAsync("track", folder["empty"], "--mask", clip.Mask, "-o", folder["out"], "--weights", weights.Path);
        run.AssertFails(ExitCode.Failure, "empty", "no image", "expected");
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public async Task A_folder_that_does_not_exist() =>
        (await Hqtrack.RunAsync("track", folder["nowhere"], "--mask", "m.png", "-o", folder["out"])).AssertFails(ExitCode.Failure, "nowhere", "does not exist");

    [Fact]
    public async Task One_unreadable_frame_in_the_middle()
    {
        var clip = SmallClip.Write(folder, Frames);
        var broken = Path.Combine(clip.Frames, "00003.jpg");
        File.WriteAllBytes(broken, File.ReadAllBytes(broken)[..200]);
        var run = await TrackAsync(clip);
        run.AssertFails(ExitCode.Failure, "frame 3", broken, "3 frames before it");
        AssertMasks(3);
    }

    [Fact]
    public async Task Frames_that_change_size()
    {
        var clip = SmallClip.Write(folder, Frames);
        ImageFile.WriteJpeg(Path.Combine(clip.Frames, "00004.jpg"), SmallClip.Draw(4, out _, 96, 64));
        var run = await TrackAsync(clip);
        run.AssertFails(ExitCode.Failure, "frame 4", "96x64", $"{SmallClip.Width}x{SmallClip.Height}", "scale");
        AssertMasks(4);
    }

    [Fact]
    public async Task A_mask_without_an_object() => await MaskFailsAsync(new LabelMap(SmallClip.Width, SmallClip.Height), "no object", "expected");

    [Fact]
    public async Task A_mask_of_another_size() =>
        await MaskFailsAsync(new LabelMap([.. Enumerable.Repeat((byte)1, 64 * 64)], 64, 64), "64x64", $"{SmallClip.Width}x{SmallClip.Height}", "nearest");

    [Fact]
    public async Task A_mask_with_256_ids()
    {
        var map = new LabelMap(SmallClip.Width, SmallClip.Height);
        for (var i = 0; i < map.Ids.Length; i++)
        {
            map.Ids[i] = (byte)(i % SmallClip.Width / 7 + (i / SmallClip.Width / 5 * 16));
        }

        Assert.Equal(255, map.ObjectIds().Count);
        await MaskFailsAsync(map, "256", "expected");
    }

    [Fact]
    public async Task A_mask_that_is_a_photograph()
    {
        var clip = SmallClip.Write(folder, Frames);
        ImageFile.WritePng(clip.Mask, SmallClip.Draw(0, out _));
        (await TrackAsync(clip)).AssertFails(ExitCode.Failure, clip.Mask, "RGB", "palette");
    }

    [Fact]
    public async Task Weights_of_another_model()
    {
        var run = await TrackAsync(SmallClip.Write(folder, Frames), "--model", "deaot-t");
        run.AssertFails(ExitCode.Weights, weights.Path, "deaot-t", "missing", "--weights");
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public async Task A_truncated_weights_file()
    {
        var whole = File.ReadAllBytes(weights.Path);
        var cut = folder.Put("cut.safetensors", whole[..(whole.Length / 2)]);
        (await TrackAsync(SmallClip.Write(folder, Frames), "--weights", cut)).AssertFails(ExitCode.Weights, cut, "cut short", "expected");
    }

    [Theory]
    [InlineData("a picture of a cat, not weights")]
    [InlineData("")]
    public async Task A_file_that_is_no_weights_file(string content)
    {
        var file = folder.Put("cat.safetensors", System.Text.Encoding.UTF8.GetBytes(content));
        (await TrackAsync(SmallClip.Write(folder, Frames), "--weights", file)).AssertFails(ExitCode.Weights, file, "expected");
    }

    [Fact]
    public async Task A_model_whose_weights_are_not_here() // DeAOT's weights are never part of the project
    {
        var clip = SmallClip.Write(folder, 1);
        using var process = Hqtrack.Start(
            new Dictionary<string, string> { ["HQTRACK_CACHE"] = folder["cache"] }, "track", clip.Frames, "--mask", clip.Mask, "-o", folder["out"], "--model", "deaot-l");
        (await Hqtrack.FinishAsync(process)).AssertFails(ExitCode.Weights, "deaot-l", "no weights", folder["cache"], "--weights");
    }

    [Fact]
    public async Task A_weights_path_without_a_file() =>
        (await TrackAsync(SmallClip.Write(folder, 1), "--weights", folder["none.safetensors"])).AssertFails(ExitCode.Weights, folder["none.safetensors"], "not found");

    [Theory]
    [InlineData("sam-vit-b")]
    [InlineData("sam-hq-vit-h")]
    public async Task A_refiner_without_weights(string refiner) =>
        (await TrackAsync(SmallClip.Write(folder, 1), "--refiner", refiner)).AssertFails(ExitCode.Weights, refiner, "--refiner off");

    [Theory]
    [InlineData("--model", "yolo", "lite")]
    [InlineData("--refiner", "sharpen", "off")]
    [InlineData("--export", "masks,video", "overlay")]
    [InlineData("--device", "gpu", "cuda")]
    [InlineData("--device", "cuda:-1", "cuda:N")]
    [InlineData("--threads", "0", "1")]
    [InlineData("--max-size", "big", "32")]
    [InlineData("--speed", "9", "--speed")]
    public async Task Options_that_are_not_known(string option, string value, string expected)
    {
        var run = await TrackAsync(SmallClip.Write(folder, 1), option, value, "--json");
        run.AssertFails(ExitCode.Usage, option, expected, "track --help");
        Assert.Equal(ExitCode.Usage, run.Json.GetProperty("exit_code").GetInt32());
    }

    [Theory]
    [InlineData("track", "VIDEO")]
    [InlineData("track frames", "--mask")]
    [InlineData("track frames --mask m.png", "--output")]
    [InlineData("track frames --mask m.png -o", "-o")]
    public async Task What_is_missing_is_named(string line, string missing) => (await Hqtrack.RunAsync(line.Split(' '))).AssertFails(ExitCode.Usage, missing);

    [Fact]
    public async Task A_device_that_is_not_there()
    {
        Assert.SkipWhen(TorchSharp.torch.cuda.is_available(), "this machine has CUDA");
        (await TrackAsync(SmallClip.Write(folder, 1), "--device", "cuda:3")).AssertFails(ExitCode.NativeRuntime, "cuda:3", "--device cpu");
    }

    [Fact]
    public async Task An_output_folder_that_cannot_be_written()
    {
        var clip = SmallClip.Write(folder, Frames);
        folder.Put("out", "a file in its place"u8.ToArray()); // holds for root too, whom permissions do not stop
        (await TrackAsync(clip)).AssertFails(ExitCode.Failure, folder["out"], "cannot write");
        Assert.Equal("a file in its place", File.ReadAllText(folder["out"]));
    }

    [Fact]
    public async Task An_output_folder_without_permission()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "permissions do not stop an administrator");
        if (OperatingSystem.IsWindows())
        {
            return; // POSIX permissions
        }

        var clip = SmallClip.Write(folder, Frames);
        Directory.CreateDirectory(folder["out"]);
        File.SetUnixFileMode(folder["out"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (await TrackAsync(clip)).AssertFails(ExitCode.Failure, folder["out"], "permission");
        File.SetUnixFileMode(folder["out"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Results_are_not_written_over_the_frames()
    {
        var clip = SmallClip.Write(folder, 2);
        Directory.Move(clip.Frames, folder["overlay"]);
        var run = await Hqtrack.RunAsync("track", folder["overlay"], "--mask", clip.Mask, "-o", folder.Root, "--export", "overlay", "--weights", weights.Path);
        run.AssertFails(ExitCode.Usage, folder["overlay"], "another output folder");
    }

    [Fact]
    public async Task A_full_disk()
    {
        // A small tmpfs in a mount namespace of its own, copied out before the namespace ends.
        var clip = SmallClip.Write(folder, 80);
        var (disk, kept) = (folder["disk"], folder["kept"]);
        Directory.CreateDirectory(disk);
        const string Script = """
            mount -t tmpfs -o size=64k tmpfs "$1" || exit 99
            disk="$1"; kept="$2"; shift 2
            "$@"; code=$?
            cp -r "$disk" "$kept"; exit $code
            """;
        using var process = Unshare(
            ["-c", Script, "sh", disk, kept, "dotnet", Path.Combine(AppContext.BaseDirectory, "HqTrack.Cli.dll"), "track", clip.Frames, "--mask", clip.Mask, "-o", disk, "--weights", weights.Path, "--threads", "1", "--export", "masks,overlay"]);
        Assert.SkipWhen(process is null, "no unshare here");
        var run = await Hqtrack.FinishAsync(process);
        Assert.SkipWhen(run.ExitCode is 99 or not ExitCode.Failure && !run.Error.Contains("hqtrack:", StringComparison.Ordinal), $"no file system can be mounted here: {run.Error}");
        run.AssertFails(ExitCode.Failure, "disk is full", "free some space", "frames before it");
        var masks = Directory.GetFiles(Path.Combine(kept, "masks"));
        Assert.InRange(masks.Length, 1, 79);
        Assert.All(masks, file => MaskFile.Read(file, SmallClip.Width, SmallClip.Height, allowEmpty: true));
        Assert.All(Directory.GetFiles(Path.Combine(kept, "overlay")), file => ImageFile.Read(file));
        Assert.Empty(Directory.GetFiles(kept, "*.tmp", SearchOption.AllDirectories));
    }

    private static Process? Unshare(string[] shell)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("unshare", ["-rm", "sh", .. shell]) { RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private async Task MaskFailsAsync(LabelMap map, params string[] parts)
    {
        var clip = SmallClip.Write(folder, Frames);
        MaskFile.Write(clip.Mask, map);
        (await TrackAsync(clip)).AssertFails(ExitCode.Failure, [clip.Mask, .. parts]);
        Assert.False(Directory.Exists(folder["out"]));
    }

    private Task<RunResult> TrackAsync(SmallClip clip, params string[] more)
    {
        string[] fallbacks = [.. new[] { ("--weights", weights.Path), ("--threads", "1") }
            .Where(option => !more.Contains(option.Item1))
            .SelectMany(option => new[] { option.Item1, option.Item2 })];
        return Hqtrack.RunAsync(["track", clip.Frames, "--mask", clip.Mask, "-o", folder["out"], "--quiet", .. fallbacks, .. more]);
    }

    private void AssertMasks(int count)
    {
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"{i:D5}.png"), Directory.GetFiles(folder["out/masks"]).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(folder["out/masks"]), file => MaskFile.Read(file, SmallClip.Width, SmallClip.Height, allowEmpty: true));
    }
}
