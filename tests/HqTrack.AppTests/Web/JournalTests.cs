using HqTrack.Media;
using HqTrack.Tests.Media;
using HqTrack.Web.Projects;
using HqTrack.Web.Runs;

namespace HqTrack.AppTests.Web;

/// <summary>What is on the disk, without a server.</summary>
public sealed class JournalTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_line_that_was_cut_short_is_dropped_and_written_over()
    {
        var path = folder["journal.jsonl"];
        var (journal, _) = Journal.Open(path);
        journal.Append(Entry(1, new ProjectCreated("a")));
        journal.Append(Entry(2, new ObjectAdded(1, "cat", "#00ff00")));
        var whole = File.ReadAllBytes(path);
        for (var cut = 1; cut < 40; cut += 3)
        {
            File.WriteAllBytes(path, [.. whole, .. whole[^41..^cut]]);
            Assert.Equal(2, Journal.Read(path).Count);
            (journal, var entries) = Journal.Open(path);
            Assert.Equal(2, entries.Count);
            Assert.Equal(whole, File.ReadAllBytes(path));
        }

        journal.Append(Entry(3, new ObjectDeleted(1)));
        Assert.Equal([1, 2, 3], Journal.Read(path).Select(entry => entry.Revision));
    }

    [Theory]
    [InlineData("{\"revision\":3,\"at\":\"2026-01-01T00:00:00Z\",\"by\":null,\"edit\":{\"kind\":\"object.delete\",\"id\":1}}")]
    [InlineData("{\"revision\":2,\"at\":\"2026-01-01T00:00:00Z\",\"by\":null,\"edit\":{\"kind\":\"no.such\"}}")]
    [InlineData("nothing")]
    public void Damage_in_the_middle_is_named(string line)
    {
        var path = folder["journal.jsonl"];
        Journal.Open(path).Journal.Append(Entry(1, new ProjectCreated("a")));
        File.AppendAllText(path, line + "\n");
        Assert.Contains("line 2", Assert.Throws<MediaException>(() => Journal.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_edit_comes_back_from_the_disk()
    {
        var path = folder["journal.jsonl"];
        var (journal, _) = Journal.Open(path);
        Edit[] edits =
        [
            new ProjectCreated("a"), new ProjectRenamed("b"), new FramesAdded(0, 2, "clip.mp4", ".jpg", 4, 3, 25, new string('0', 64)), new ObjectAdded(1, "cat", "#00ff00"),
            new ObjectChanged(1, null, null, true, null), new PromptSet(0, 1, new string('a', 64), 7, [new(1, 2)], [new(0, 0, 2, 2)]), new PromptRemoved(0, 1), new FrameLocked(1, new string('b', 64)),
            new FrameUnlocked(1), new TrackRequested(0, null, TrackingDirection.Both, [1]), new Undone(10), new Redone(10), new ObjectDeleted(1),
        ];
        for (var i = 0; i < edits.Length; i++)
        {
            journal.Append(Entry(i + 1, edits[i]));
        }

        Assert.Equal(typeof(Edit).Assembly.GetTypes().Count(type => type.IsSubclassOf(typeof(Edit))), edits.Length);
        var read = Journal.Read(path);
        Assert.Equal(edits.Select(edit => edit.ToString()![..20]), read.Select(entry => entry.Edit.ToString()![..20]));
        var state = new EditHistory(read).State;
        Assert.Equal(("b", 2, 0, 1), (state.Name, state.FrameCount, state.Objects.Count, state.Runs.Count));
    }

    [Fact]
    public void The_newest_claim_of_a_run_writes_and_the_first_end_counts()
    {
        var paths = new RunPaths(folder["run"]);
        using var first = RunWriter.Claim(paths, Worker(0));
        first.Write(new(0, new LabelMap(4, 3), []));
        using var second = RunWriter.Claim(paths, Worker(0));
        Assert.True(first.IsSuperseded);
        Assert.Throws<OperationCanceledException>(() => first.Write(new(1, new LabelMap(4, 3), [])));
        second.Write(new(1, new LabelMap(4, 3), []));
        Assert.Equal(["000000.png", "000001.png"], Directory.GetFiles(folder["run/masks"]).Select(Path.GetFileName).Order());
        Assert.True(new RunEnd(RunEnd.Done, DateTimeOffset.UnixEpoch, 2, null).TryWrite(paths));
        Assert.False(new RunEnd(RunEnd.Failed, DateTimeOffset.UnixEpoch, 0, "late").TryWrite(paths));
        Assert.Equal(RunEnd.Done, RunEnd.Read(paths)!.State);
        Directory.Move(paths.Root, folder["deleted"]);
        Assert.Throws<OperationCanceledException>(() => second.Write(new(2, new LabelMap(4, 3), [])));
        Assert.False(Directory.Exists(paths.Root));
    }

    [Fact]
    public void A_run_that_takes_its_workers_down_is_given_up_until_a_person_has_it_tried_again()
    {
        var paths = new RunPaths(folder["run"]);
        for (var i = 0; i < RunClaim.MostBarren; i++)
        {
            RunWriter.Claim(paths, Worker(3)).Dispose();
        }

        RunClaim.CheckProgress(paths);
        RunWriter.Claim(paths, Worker(3)).Dispose();
        Assert.Contains("without a new frame, the last one on machine (process 7)", Assert.Throws<MediaException>(() => RunClaim.CheckProgress(paths)).Message, StringComparison.Ordinal);
        RunWriter.Claim(paths, Worker(-1)).Dispose();
        RunWriter.Claim(paths, Worker(3)).Dispose();
        RunClaim.CheckProgress(paths);
    }

    [Fact]
    public void A_torn_line_of_a_run_spoils_no_other()
    {
        var project = new ProjectFolder(folder.Root, "aaaaaaaaaaaa");
        var paths = new RunPaths(project.Run(5));
        using (var writer = RunWriter.Claim(paths, Worker(0)))
        {
            writer.Write(new(0, new LabelMap(4, 3), [new(1, 0, null, 0, false)]));
        }

        File.AppendAllText(paths.Frames, "{\"frame\":1,\"obj");
        var results = new RunResults(project);
        Assert.Equal(1, results.Count(5));
        using (var writer = RunWriter.Claim(paths, Worker(0)))
        {
            writer.Write(new(1, new LabelMap(4, 3), [new(1, 2, new Box(0, 0, 2, 1), 0.5, false)]));
        }

        Assert.Equal(2, results.Count(5));
        Assert.Equal(0.5, results.Frame(5, 1)!.Objects[0].Confidence);
    }

    private static RunClaim Worker(int frames) => new("machine", 7, frames, DateTimeOffset.UnixEpoch);

    private static JournalEntry Entry(int revision, Edit edit) => new(revision, DateTimeOffset.UnixEpoch, "somebody", edit);
}
