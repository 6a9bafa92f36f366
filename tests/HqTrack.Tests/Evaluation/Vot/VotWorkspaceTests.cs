using System.Buffers.Binary;
using HqTrack.Evaluation;
using HqTrack.Evaluation.Measures;
using HqTrack.Evaluation.Tracking;
using HqTrack.Evaluation.Vot;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Tests.Media;
using HqTrack.Vmos;
using TorchSharp;

namespace HqTrack.Tests.Evaluation.Vot;

/// <summary>Workspaces and trajectory files: a tracker's run through one, and files that are not as they should be.</summary>
[Collection("torch")]
public sealed class VotWorkspaceTests : IDisposable
{
    private readonly TempFolder folder = new();

    [Fact]
    public async Task A_tracker_s_run_is_scored_from_the_files_it_wrote()
    {
        Text("sequences/list.txt", "one\n");
        Text("sequences/one/sequence", "channels.color=color/%08d.jpg\nwidth=40\nheight=32\n");
        Text("sequences/one/groundtruth_a.txt", string.Concat(Enumerable.Repeat("5,6,20,10\n", 5)));
        Text("sequences/one/groundtruth_b.txt", "0\n0\nm3,20,4,3,0,12\nm3,20,4,3,0,12\n");
        for (var i = 1; i <= 5; i++)
        {
            ImageFile.WriteJpeg(folder[$"sequences/one/color/{i:D8}.jpg"], new Frame(new byte[40 * 32 * 3], 40, 32));
        }

        var workspace = VotWorkspace.Open(folder.Root);
        var sequence = workspace.Sequences.Single();
        Assert.Equal((5, 0, 2), (sequence.Length, sequence.Start("a"), sequence.Start("b")));
        NativeRuntime.EnsureLoaded();
        using var inference = new InferenceThread();
        using var network = new VmosNetwork(VmosConfig.DeaotT);
        network.PrepareForInference();
        TrackingSession Start() => new(inference, new VmosTracker(network, network.Config, torch.CPU, 32));
        var report = await new VotEvaluation(new SessionTracker(Start), "ours", new() { Resume = true }).RunAsync(workspace, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(5, report.Timings.Single().Frames);
        Assert.Equal(["ours"], workspace.Trackers());
        Assert.Equal(5, File.ReadAllLines(folder["results/ours/baseline/one/one_a_001_time.value"]).Length);
        var b = workspace.Result("ours", "baseline", sequence, "b");
        Assert.Equal([new Region.Special(1), new Region.Special(0)], b.Take(2));
        Assert.Equal("m3,20,4,3,0,12", RegionText.Format(b[2])); // the mask that was given
        Assert.Equal(VotScores.Score(workspace, "ours", cancellationToken: TestContext.Current.CancellationToken).Quality, report.Scores.Quality);
        var again = await new VotEvaluation(new SessionTracker(Start), "ours", new() { Resume = true }).RunAsync(workspace, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((0, report.Scores.Quality), (again.Timings.Single().Frames, again.Scores.Quality));
    }

    [Theory]
    [InlineData("0\n1,2,x\n", "line 2: 'x' is no number")]
    [InlineData("1,2,3\n", "line 1: 3 numbers are no region")]
    [InlineData("m1,2,3\n", "line 1: a mask has 3 numbers")]
    [InlineData("m0,0,2,2,5\n", "line 1: run 1 of the mask is 5 long after 0 of its 2x2 pixels")]
    [InlineData("m0,0,99999,99999,1\n", "line 1: the mask is 99999x99999")]
    [InlineData("m0,0,2,2,-1\n", "line 1: run 1 of the mask is -1 long")]
    public void A_damaged_line_is_named(string text, string expected)
    {
        Text("a.txt", text);
        var refusal = Assert.Throws<EvaluationException>(() => Trajectory.Read(folder["a.txt"]));
        Assert.Contains("a.txt', " + expected, refusal.Message);
    }

    [Fact]
    public void Binary_files_with_any_byte_changed_read_or_are_refused()
    {
        Region[] regions =
        [
            new Region.Special(1), new Region.Rectangle(1, 2, 3, 4), new Region.Polygon([1, 2, 3, 4, 5, 6]), new Region.Point(7, 8),
            new Region.Mask(-3, 4, 3, 2, [0, 1, 1, 1, 0, 0]),
        ];
        var file = Trajectory.ToBinary(regions);
        var read = Trajectory.Read(folder.Put("whole.bin", file));
        Assert.Equal(regions.Select(RegionText.Format), read.Select(RegionText.Format));
        var random = new Random(3);
        for (var i = 0; i < 400; i++)
        {
            var damaged = file[..random.Next(file.Length + 1)];
            if (damaged.Length > 6)
            {
                damaged[random.Next(2, damaged.Length)] = (byte)random.Next(256);
                BinaryPrimitives.WriteUInt16LittleEndian(damaged.AsSpan(4), 0); // so that the count stays small
            }

            try
            {
                Trajectory.Read(folder.Put("damaged.bin", damaged));
            }
            catch (EvaluationException e)
            {
                Assert.Contains("damaged.bin'", e.Message);
                Assert.DoesNotContain('\n', e.Message);
            }
        }
    }

    [Theory]
    [InlineData("missing\n", "list.txt', line 1: sequence 'missing' has no folder")]
    [InlineData("\n\n../one\n", "list.txt', line 3: '../one' is no name")]
    [InlineData("one\n", "list.txt', line 1: sequence 'one'")]
    [InlineData("\n", "names no sequence")]
    public void A_bad_list_is_named_with_its_line(string list, string expected)
    {
        Directory.CreateDirectory(folder["sequences/one"]);
        Text("sequences/list.txt", list);
        Assert.Contains(expected, Assert.Throws<EvaluationException>(() => VotWorkspace.Open(folder.Root)).Message);
    }

    [Fact]
    public void Results_that_are_missing_or_too_short_are_named()
    {
        Text("list.txt", "one\n");
        Text("one/groundtruth.txt", "1,2,3,4\n1,2,3,4\n");
        var workspace = VotWorkspace.Open(folder.Root);
        var sequence = workspace.Sequences.Single();
        Assert.Equal([VotSequence.OnlyObject], sequence.Objects);
        Assert.Contains("has no result", Assert.Throws<EvaluationException>(() => workspace.Result("t", "baseline", sequence, "object")).Message);
        Text("results/t/baseline/one/one_001.txt", "1\n");
        Assert.Contains("holds 1 regions, expected 2", Assert.Throws<EvaluationException>(() => workspace.Result("t", "baseline", sequence, "object")).Message);
    }

    [Fact]
    public void A_mask_with_too_many_runs_does_not_fit_the_binary_form()
    {
        var checker = new byte[300 * 300];
        for (var i = 0; i < checker.Length; i += 2)
        {
            checker[i] = 1;
        }

        Assert.Throws<ArgumentException>(() => Trajectory.ToBinary([new Region.Mask(0, 0, 300, 300, checker)]));
    }

    [Theory]
    [InlineData(0, "0.0")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(1, "1.0")]
    [InlineData(-12.5, "-12.5")]
    [InlineData(0.1, "0.1")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(1.5e-7, "1.5e-07")]
    [InlineData(123456789012345680, "1.2345678901234568e+17")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(1e16, "1e+16")]
    [InlineData(1e23, "1e+23")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.NegativeInfinity, "-inf")]
    public void Numbers_are_written_as_python_writes_them(double value, string expected) => Assert.Equal(expected, OfficialNumber.Repr(value));

    public void Dispose() => folder.Dispose();

    private void Text(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[path])!);
        File.WriteAllText(folder[path], text);
    }
}
