using System.Diagnostics;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Cli;
using HqTrack.Media;

namespace HqTrack.AppTests.Commands;

/// <summary>hqtrack train as a process: a run that is killed loses nothing but the steps since its last checkpoint.</summary>
[Collection("torch")]
public sealed class TrainTests : IDisposable
{
    private const int Steps = 30;
    private const int Kills = 3;
    private readonly string root = Directory.CreateTempSubdirectory("hqtrack-train-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task A_run_killed_at_random_moments_resumes_from_a_whole_checkpoint_and_ends_with_the_same_weights()
    {
        WriteData();
        var (whole, parts) = (Path.Combine(root, "whole"), Path.Combine(root, "parts"));
        var expected = await Hqtrack.FinishAsync(Train(whole));
        Assert.True(expected.ExitCode == 0, expected.Error);

        var random = new Random(1);
        var taken = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            // A random while after a new checkpoint: while a step is taken, or while the next checkpoint is written.
            var process = Train(parts);
            var checkpoint = await NewCheckpointAsync(process, parts);
            await Task.Delay(random.Next(1500), TestContext.Current.CancellationToken);
            process.Kill();
            await Hqtrack.FinishAsync(process);
            taken += checkpoint ? 1 : 0;
        }

        Assert.True(taken > 0, "no run was killed after its first checkpoint; the test says nothing");
        var finished = await Hqtrack.FinishAsync(Train(parts));
        Assert.True(finished.ExitCode == 0, finished.Error);
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "lite.safetensors")), File.ReadAllBytes(Path.Combine(parts, "lite.safetensors")));
        Assert.Equal(
            Directory.GetFiles(whole).Select(Path.GetFileName).Order(StringComparer.Ordinal), Directory.GetFiles(parts).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task On_one_core_too_a_signal_ends_a_run_with_a_checkpoint()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "POSIX signals");
        WriteData();
        var output = Path.Combine(root, "stopped");
        using var process = Train(output, steps: 20_000, new() { ["DOTNET_PROCESSOR_COUNT"] = "1" });
        var finished = Hqtrack.FinishAsync(process);
        Assert.True(await NewCheckpointAsync(process, output));
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var watch = Stopwatch.StartNew();
        var run = await finished;
        Assert.True(run.ExitCode == ExitCode.Terminated, $"exit code {run.ExitCode} after {watch.Elapsed.TotalSeconds:0} s: {run.Error}");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60); // a step and a checkpoint, on a busy machine
    }

    [Fact]
    public async Task Weights_fine_tuned_on_own_clips_are_taken_by_eval_and_still_track()
    {
        WriteData();
        var (clips, output) = (Path.Combine(root, "data"), Path.Combine(root, "mine"));
        (await Hqtrack.RunAsync(
            "train", "vmos", "--data", clips, "--init", "lite", "--steps", "3", "--rate", "1e-4", "--mix", "1:0:0", "--phase", "1:97:3:1", "-o", output,
            "--threads", "1", "--loader-threads", "0", "--quiet")).AssertSucceeds();

        var (before, after) = (await ScoreAsync(clips), await ScoreAsync(clips, "--weights", Path.Combine(output, "lite.safetensors")));

        Assert.NotEqual(before, after);
        Assert.InRange(after, before - 0.05, 1);
    }

    private static async Task<double> ScoreAsync(string clips, params string[] weights)
    {
        var run = await Hqtrack.RunAsync(["eval", "davis", "--root", clips, "--model", "lite", .. weights, "--threads", "1", "--quiet", "--json"]);
        run.AssertSucceeds();
        return run.Json.GetProperty("j").GetDouble();
    }

    private void WriteData()
    {
        for (var i = 0; i < 8; i++)
        {
            var frame = SmallClip.Draw(i, out var labels);
            var (image, mask) = (Path.Combine(root, $"data/JPEGImages/480p/squares/{i:D5}.jpg"), Path.Combine(root, $"data/Annotations/480p/squares/{i:D5}.png"));
            Directory.CreateDirectory(Path.GetDirectoryName(image)!);
            Directory.CreateDirectory(Path.GetDirectoryName(mask)!);
            ImageFile.WriteJpeg(image, frame);
            MaskFile.Write(mask, labels);
        }
    }

    private Process Train(string output, int steps = Steps, Dictionary<string, string>? environment = null) => Hqtrack.Start(
        environment ?? [],
        "train", "vmos", "--data", Path.Combine(root, "data"), "-o", output, "--steps", $"{steps}", "--mix", "1:0:0", "--phase", "1:97:3:1",
        "--threads", "1", "--loader-threads", "0", "--save-every", "1", "--quiet");

    // Whether a checkpoint was written before the process ended by itself.
    private static async Task<bool> NewCheckpointAsync(Process process, string output)
    {
        var path = Path.Combine(output, "checkpoint.safetensors");
        var before = File.Exists(path) ? File.GetLastWriteTimeUtc(path) : DateTime.MinValue;
        while (!process.HasExited)
        {
            if (File.Exists(path) && File.GetLastWriteTimeUtc(path) > before)
            {
                return true;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return false;
    }
}
