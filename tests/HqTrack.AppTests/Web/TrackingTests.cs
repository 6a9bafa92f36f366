using System.IO.Compression;
using AnnotatorClient;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Exports;
using HqTrack.Media;

namespace HqTrack.AppTests.Web;

[Collection("torch")]
public sealed class TrackingTests(AnnotatorServer server) : IClassFixture<AnnotatorServer>
{
    private HqTrackClient Client => server.Client;

    [Fact]
    public async Task Masks_points_and_boxes_prompt_and_an_empty_mask_says_absent()
    {
        var project = await server.ClipAsync(2);
        var png = await Client.PromptAsync(project.Id, 0, 1, IndexedPng.EncodeGrey(new LabelMap([.. Labels(0).Ids.Select(id => id == 1 ? (byte)9 : (byte)0)], SmallClip.Width, SmallClip.Height)));
        Assert.Equal(24 * 24, png.Area);
        Assert.Equal(Square(0, 1), await MaskAsync(project.Id, 0, 1));
        var preview = await Client.PreviewAsync(project.Id, 0, [new(20, 20), new(100, 70, false)], [new(5, 5, 60, 60)]);
        var before = await Client.GetProjectAsync(project.Id);
        var prompt = await Client.PromptAsync(project.Id, 0, 1, [new(20, 20), new(100, 70, false)], [new(5, 5, 60, 60)]);
        Assert.Equal((before.Revision + 1, preview.Area, 2, 1), (prompt.Revision, prompt.Area, prompt.Points.Count, prompt.Boxes.Count));
        var absent = await Client.PromptAsync(project.Id, 1, 2, new Mask([SmallClip.Height, SmallClip.Width], Rle.FromCounts([SmallClip.Width * SmallClip.Height], SmallClip.Width, SmallClip.Height).ToText()));
        Assert.Equal(0, absent.Area);
        var objects = await Client.GetFrameObjectsAsync(project.Id, 1, masks: true);
        Assert.Equal((2, 0, null, "prompt"), (objects[0].Object, objects[0].Area, objects[0].Box, objects[0].Source));
    }

    [Fact]
    public async Task The_second_click_in_a_frame_does_not_encode_it_again()
    {
        var project = await server.ClipAsync(1, prompted: false);
        var images = 0L;
        using var listener = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Name == "hqtrack.refiner.images")
                {
                    own.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref images, value));
        listener.Start();
        await Client.PreviewAsync(project.Id, 0, [new(20, 20)]);
        await Client.PreviewAsync(project.Id, 0, [new(20, 20), new(30, 30)]);
        await Client.PreviewAsync(project.Id, 0, [], [new(5, 5, 60, 60)]);
        Assert.Equal(1, Interlocked.Read(ref images));
    }

    [Fact]
    public async Task Without_a_refiner_points_say_what_is_missing_and_masks_work()
    {
        var (other, http) = await server.StartAsync(Path.Combine(server.Outside, "plain"), points: false);
        await using var owned = other;
        using var client = http;
        var api = new HqTrackClient(http);
        var project = await server.ClipAsync(1, api);
        var refused = await Assert.ThrowsAsync<ApiException>(() => api.PreviewAsync(project.Id, 0, [new(20, 20)]));
        Assert.Equal((409, "refiner-missing"), (refused.Status, refused.Code));
        Assert.Contains("sam-lite", refused.Message, StringComparison.Ordinal);
        Assert.Equal(24 * 24, (await api.GetFrameObjectsAsync(project.Id, 0))[0].Area);
    }

    [Fact]
    public async Task A_run_is_what_the_library_does_and_comes_out_of_every_endpoint()
    {
        const int frames = 8;
        var project = await server.ClipAsync(frames);
        var run = await Client.WaitAsync(project.Id, (await Client.TrackAsync(project.Id, 0)).Number);
        Assert.Equal(("done", frames, frames), (run.State, run.Done, run.Total));
        var expected = Follow(frames);
        for (var i = 0; i < frames; i++)
        {
            Assert.Equal(expected[i].Ids, IndexedPng.Decode(await Client.GetMaskAsync(project.Id, i), "mask").Ids);
        }

        var tracks = await Client.GetTracksAsync(project.Id);
        Assert.Equal(2, tracks.Objects.Count);
        Assert.Equal("pttttttt", tracks.Objects[0].Source);
        Assert.Equal([.. expected.Select(labels => labels.Ids.Count(id => id == 1))], tracks.Objects[0].Area.Select(area => area!.Value));
        Assert.Contains(new TrackEvent(0, 1, "added"), tracks.Events);
        Assert.All(tracks.Worst, worst => Assert.InRange(worst.Frame, 1, frames - 1));
        var (export, coco) = await Client.ExportAsync(project.Id, "coco");
        Assert.Equal("coco.json", export.File);
        var path = Path.Combine(server.Outside, "coco.json");
        await File.WriteAllBytesAsync(path, coco);
        Assert.Equal([.. expected.Select(labels => labels.Ids)], CocoExport.Read(path).Values.Select(labels => labels.Ids));
    }

    [Theory]
    [InlineData("masks", "masks.zip")]
    [InlineData("binary", "binary.zip")]
    [InlineData("rgba", "rgba.zip")]
    [InlineData("overlay", "overlay.zip")]
    [InlineData("overlay-video", null)]
    [InlineData("ytvos", "ytvos.zip")]
    [InlineData("mots", "mots.txt")]
    [InlineData("vot", "vot.zip")]
    [InlineData("cvat", "cvat.xml")]
    [InlineData("labelstudio", "labelstudio.json")]
    [InlineData("csv", "objects.csv")]
    public async Task Every_format_is_exported(string format, string? name)
    {
        var project = await server.ClipAsync(2);
        await Client.ChangeObjectAsync(project.Id, 1, name: "left wheel");
        var (export, file) = await Client.ExportAsync(project.Id, format);
        Assert.Equal(format is "cvat" or "labelstudio" or "csv", System.Text.Encoding.UTF8.GetString(file).Contains("left wheel", StringComparison.Ordinal));
        Assert.True(name is null || name == export.File);
        Assert.Equal(export.Bytes, file.Length);
        Assert.NotEmpty(file);
        if (export.File!.EndsWith(".zip", StringComparison.Ordinal))
        {
            using var zip = new ZipArchive(new MemoryStream(file));
            Assert.NotEmpty(zip.Entries);
            Assert.All(zip.Entries, entry => Assert.DoesNotContain(".hqtrack", entry.FullName, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_object_that_is_set_and_not_tracked_yet_has_neither_ended_nor_been_lost()
    {
        var project = await server.ClipAsync(4);
        await Client.WaitAsync(project.Id, (await Client.TrackAsync(project.Id, 0, objects: [1])).Number);
        var tracks = await Client.GetTracksAsync(project.Id);
        Assert.Equal("p---", tracks.Objects.Single(row => row.Object == 2).Source);
        Assert.DoesNotContain(tracks.Events, told => told is { Object: 2, Event: "removed" or "lost" });
    }

    [Fact]
    public async Task A_correction_holds_from_its_frame_on_and_undo_shows_what_was_before()
    {
        const int frames = 8;
        var project = await server.ClipAsync(frames);
        await Client.WaitAsync(project.Id, (await Client.TrackAsync(project.Id, 0)).Number);
        var before = await MasksAsync(project.Id, frames);
        await Client.PromptAsync(project.Id, 4, 2, Square(7, 2).AsClient());
        await Client.WaitAsync(project.Id, (await Client.TrackAsync(project.Id, 4)).Number);
        var after = await MasksAsync(project.Id, frames);
        Assert.Equal(before[..4], after[..4]);
        Assert.NotEqual(before[4], after[4]);
        Assert.Equal("track", (await Client.UndoAsync(project.Id)).Edit);
        Assert.Equal(before[5..], (await MasksAsync(project.Id, frames))[5..]);
        Assert.Equal("prompt.set", (await Client.UndoAsync(project.Id)).Edit);
        Assert.Equal(before, await MasksAsync(project.Id, frames));
        await Client.RedoAsync(project.Id);
        await Client.RedoAsync(project.Id);
        Assert.Equal(after, await MasksAsync(project.Id, frames));
    }

    [Fact]
    public async Task Locked_frames_and_locked_objects_stay()
    {
        const int frames = 6;
        var project = await server.ClipAsync(frames);
        await Client.PromptAsync(project.Id, 3, 1, Square(3, 1).AsClient());
        await Client.PromptAsync(project.Id, 3, 2, Square(3, 2).AsClient());
        await Client.LockFrameAsync(project.Id, 3);
        Assert.Equal("frame-locked", (await Assert.ThrowsAsync<ApiException>(() => Client.PromptAsync(project.Id, 3, 1, Square(0, 1).AsClient()))).Code);
        await Client.WaitAsync(project.Id, (await Client.TrackAsync(project.Id, 0)).Number);
        Assert.Equal(Square(3, 1), await MaskAsync(project.Id, 3, 1));
        Assert.All(await Client.GetFrameObjectsAsync(project.Id, 3), entry => Assert.Equal("locked", entry.Source));
        var tracked = await MaskAsync(project.Id, 5, 1);
        await Client.ChangeObjectAsync(project.Id, 1, locked: true);
        Assert.Equal("object-locked", (await Assert.ThrowsAsync<ApiException>(() => Client.TrackAsync(project.Id, 0, objects: [1]))).Code);
        var run = await Client.WaitAsync(project.Id, (await Client.TrackAsync(project.Id, 0)).Number);
        Assert.Equal([2], run.Objects);
        Assert.Equal(tracked, await MaskAsync(project.Id, 5, 1));
    }

    [Fact]
    public async Task Both_ways_cover_the_clip_and_a_bound_is_kept()
    {
        const int frames = 7;
        var project = await server.ClipAsync(frames, prompted: false);
        await Client.AddObjectAsync(project.Id);
        Assert.Equal("unusable", (await Assert.ThrowsAsync<ApiException>(() => Client.TrackAsync(project.Id, 3))).Code);
        await Client.PromptAsync(project.Id, 3, 1, Square(3, 1).AsClient());
        var part = await Client.WaitAsync(project.Id, (await Client.TrackAsync(project.Id, 3, "backward", to: 2)).Number);
        Assert.Equal((2, 2), (part.Done, part.Total));
        Assert.Equal("--tp---", (await Client.GetTracksAsync(project.Id)).Objects[0].Source);
        var both = await Client.WaitAsync(project.Id, (await Client.TrackAsync(project.Id, 3, "both")).Number);
        Assert.Equal(("done", frames, frames), (both.State, both.Done, both.Total));
        Assert.Equal("tttpttt", (await Client.GetTracksAsync(project.Id)).Objects[0].Source);
    }

    [Fact]
    public async Task A_run_is_stopped_at_once_and_tells_of_itself()
    {
        var project = await server.ClipAsync(120);
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var told = new List<string>();
        var listening = Task.Run(async () =>
        {
            await foreach (var live in Client.ListenAsync(project.Id, enough.Token))
            {
                told.Add(live.Name);
                if (live.Data.Contains("\"stopped\"", StringComparison.Ordinal))
                {
                    break;
                }
            }
        });
        await Task.Delay(200);
        var run = await Client.TrackAsync(project.Id, 0);
        Assert.Equal("tracking-runs", (await Assert.ThrowsAsync<ApiException>(() => Client.TrackAsync(project.Id, 0))).Code);
        while ((await Client.GetRunAsync(project.Id, run.Number)).Done < 2)
        {
            await Task.Delay(10);
        }

        await Client.StopAsync(project.Id, run.Number);
        run = await Client.WaitAsync(project.Id, run.Number);
        Assert.Equal("stopped", run.State);
        Assert.InRange(run.Done, 2, 118);
        await listening;
        Assert.Equal("hello", told[0]);
        Assert.Contains("revision", told);
        Assert.Contains("tracking", told);
    }

    private static LabelMap Labels(int frame)
    {
        SmallClip.Draw(frame, out var labels);
        return labels;
    }

    private static ComparableMask Square(int frame, int id) => new(AnnotatorServer.Square(frame, id).Counts);

    private async Task<ComparableMask> MaskAsync(string project, int frame, int id) =>
        new((await Client.GetFrameObjectsAsync(project, frame, masks: true)).Single(entry => entry.Object == id).Mask!.Counts);

    private async Task<string[]> MasksAsync(string project, int frames)
    {
        var masks = new string[frames];
        for (var i = 0; i < frames; i++)
        {
            masks[i] = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(IndexedPng.Decode(await Client.GetMaskAsync(project, i), "mask").Ids));
        }

        return masks;
    }

    // The same clip through a session of the library.
    private List<LabelMap> Follow(int frames)
    {
        using var tracker = HqTracker.Load("lite", new() { WeightsPath = server.LiteWeights, Threads = 1 });
        using var session = tracker.StartSession();
        var labels = new List<LabelMap>();
        for (var i = 0; i < frames; i++)
        {
            var frame = ImageFile.Decode(ImageFile.EncodeJpeg(SmallClip.Draw(i, out var truth)), "frame", i);
            labels.Add((i == 0 ? session.Add(frame, HqTrack.Prompt.Mask(truth)) : session.Track(frame)).Labels);
        }

        return labels;
    }

    private sealed record ComparableMask(string Counts)
    {
        public Mask AsClient() => new([SmallClip.Height, SmallClip.Width], Counts);
    }
}
