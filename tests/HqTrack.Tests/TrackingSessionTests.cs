using System.Text.Json.Nodes;
using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Media;
using HqTrack.Vmos;
using HqTrack.Weights;
using TorchSharp;

namespace HqTrack.Tests;

/// <summary>What a session promises, with the weights that come with the project.</summary>
[Collection("torch")]
public sealed class TrackingSessionTests : IDisposable
{
    private const int Width = 112;
    private const int Height = 80;

    private readonly InferenceThread inference = new();
    private readonly VmosNetwork network = NewNetwork();

    [Fact]
    public void Objects_come_and_go_with_ids_that_stay_theirs()
    {
        using var leaks = new LeakCheck();
        using var session = Start();
        session.Add(Frame(0), Prompt.Mask(Map((1, 10), (2, 35))));
        Assert.Equal([1, 2], session.Track(Frame(1)).Objects.Select(entry => entry.Id));
        var added = session.Add(Frame(1), Prompt.Mask(Map((7, 60))));
        Assert.Equal([7], added.Objects.Select(entry => entry.Id));
        Assert.Equal([1, 2, 7], session.Track(Frame(2)).Objects.Select(entry => entry.Id));
        session.Remove(2);
        var without = session.Track(Frame(3));
        Assert.Equal([1, 7], without.Objects.Select(entry => entry.Id));
        Assert.Empty(without.Labels.ObjectIds().Except([1, 7]));
        Assert.Contains("removed, and ids are not used again", Assert.Throws<PromptException>(() => session.Add(Frame(3), Prompt.Mask(Map((2, 35))))).Message);
        Assert.Contains("removed already", Assert.Throws<PromptException>(() => session.Remove(2)).Message);
        Assert.Contains("expected one of 1, 7", Assert.Throws<PromptException>(() => session.Remove(9)).Message);
        Assert.Contains("tracked already", Assert.Throws<MediaException>(() => session.Add(Frame(3), Prompt.Mask(Map((7, 10))))).Message);
        Assert.Equal([1, 7], session.ObjectIds);
        session.Remove(1);
        session.Remove(7);
        Assert.Throws<InvalidOperationException>(() => session.Track(Frame(4)));
    }

    [Fact]
    public void A_late_object_changes_no_memory_of_the_others()
    {
        using var alone = Start();
        using var joined = Start();
        foreach (var session in (TrackingSession[])[alone, joined])
        {
            session.Add(Frame(0), Prompt.Mask(Map((1, 10))));
            session.Track(Frame(1));
        }

        joined.Add(Frame(1), Prompt.Mask(Map((5, 60))));
        joined.Remove(5);
        var expected = alone.Track(Frame(2));
        Assert.InRange(expected.Objects[0].Area, 1, (Width * Height) - 1);
        Assert.Equal(expected.Labels.Ids, joined.Track(Frame(2)).Labels.Ids);
    }

    [Fact]
    public void A_correction_is_shown_as_given_and_stays_in_the_memory()
    {
        using var leaks = new LeakCheck();
        using var plain = Start();
        using var corrected = Start();
        foreach (var session in (TrackingSession[])[plain, corrected])
        {
            session.Add(Frame(0), Prompt.Mask(Map((1, 10), (2, 35))));
            session.Track(Frame(1));
        }

        var truth = Map((1, 75));
        var result = corrected.Correct(Prompt.Mask(truth));
        Assert.Equal([1, 2], result.Objects.Select(entry => entry.Id));
        Assert.All(truth.Ids.Index().Where(pixel => pixel.Item == 1), pixel => Assert.Equal(1, result.Labels.Ids[pixel.Index]));
        Assert.Equal(truth.Ids.Count(id => id == 1), result.Objects[0].Area);
        Assert.Equal(1, result.Objects[0].Confidence);
        Assert.NotEqual(plain.Track(Frame(2)).Labels.Ids, corrected.Track(Frame(2)).Labels.Ids);

        var gone = corrected.Correct(2, new LabelMap(Width, Height));
        Assert.Equal(0, gone.Objects[1].Area);
        Assert.Contains("object 3 is not tracked", Assert.Throws<PromptException>(() => corrected.Correct(3, truth)).Message);
        Assert.Contains("64x64", Assert.Throws<MediaException>(() => corrected.Correct(1, new LabelMap(64, 64))).Message);
        using var fresh = Start();
        Assert.Throws<InvalidOperationException>(() => fresh.Correct(Prompt.Mask(truth)));
    }

    [Fact]
    public void A_locked_frame_is_never_overwritten()
    {
        using var session = Start();
        session.Add(Frame(0), Prompt.Mask(Map((1, 10), (2, 35))));
        var locked = Map((2, 55));
        session.Lock(2, locked);
        session.Track(Frame(1));
        for (var i = 0; i < 2; i++)
        {
            var result = session.Track(Frame(2)); // there and again
            Assert.Equal(locked.Ids.Select(id => id == 2), result.Labels.Ids.Select(id => id == 2));
            Assert.Equal(1, result.Objects[1].Confidence);
        }

        session.Remove(2);
        Assert.DoesNotContain((byte)2, session.Track(Frame(2)).Labels.Ids);
        Assert.Contains("64x64, the frames 112x80", Assert.Throws<MediaException>(() => session.Lock(3, new LabelMap(64, 64))).Message);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void Objects_share_an_engine_or_have_one_each(bool isSeparate, int engines)
    {
        using var folder = new TempFolder();
        using var tracker = HqTracker.Load(options: new() { Separate = isSeparate, MaxSize = 64, Threads = 1 });
        using var session = tracker.StartSession();
        session.Add(Frame(0), Prompt.Mask(Map((1, 10), (2, 35))));
        Assert.Equal([1, 2], session.Track(Frame(1)).Objects.Select(entry => entry.Id));
        session.Save(folder["session"]);
        using var saved = SafetensorsFile.Open(folder["session"]);
        Assert.Equal(engines, JsonNode.Parse(saved.Metadata["hqtrack.session"])!["views"]![0]!.AsArray().Count);
    }

    [Fact]
    public void A_saved_session_goes_on_with_the_same_bits()
    {
        using var folder = new TempFolder();
        using var leaks = new LeakCheck();
        var forgets = network.Config with { LongTermGap = 1, LongTermBound = 3 }; // what was saved decides what goes next
        using var session = Start(config: forgets);
        session.Add(Frame(0), Prompt.Mask(Map((1, 10), (2, 35))));
        session.Lock(9, Map((1, 30)));
        for (var i = 1; i < 6; i++)
        {
            session.Track(Frame(i));
        }

        session.Correct(Prompt.Mask(Map((1, 14))));
        session.Add(Frame(5), Prompt.Mask(Map((4, 60))));
        session.Remove(2);
        session.Save(folder["session"]);
        using var resumed = Start(config: forgets);
        resumed.Restore(folder["session"]);
        Assert.Equal(session.ObjectIds, resumed.ObjectIds);
        Assert.Equal(5, resumed.LastFrame);
        Assert.NotEmpty(session.Track(Frame(6)).Labels.ObjectIds());
        resumed.Track(Frame(6));
        for (var i = 7; i < 14; i++)
        {
            var (expected, actual) = (session.Track(Frame(i)), resumed.Track(Frame(i)));
            Assert.Equal(expected.Labels.Ids, actual.Labels.Ids);
            Assert.Equal(expected.Objects, actual.Objects);
        }

        Assert.Throws<PromptException>(() => resumed.Add(Frame(12), Prompt.Mask(Map((2, 5)))));
    }

    [Fact]
    public void A_session_of_other_options_is_refused()
    {
        using var folder = new TempFolder();
        using var session = Start(new SessionState("lite, size 480"));
        session.Add(Frame(0), Prompt.Mask(Map((1, 10))));
        session.Save(folder["session"]);
        using var other = Start(new SessionState("lite, size 320"));
        var refusal = Assert.Throws<MediaException>(() => other.Restore(folder["session"]));
        Assert.Contains("saved with lite, size 480, this tracker has lite, size 320", refusal.Message);
        File.WriteAllText(folder["text"], "not a session at all");
        Assert.Contains("no whole saved session", Assert.Throws<MediaException>(() => other.Restore(folder["text"])).Message);
        var whole = File.ReadAllBytes(folder["session"]);
        File.WriteAllBytes(folder["cut"], whole[..(whole.Length / 2)]);
        Assert.Contains("no whole saved session", Assert.Throws<MediaException>(() => other.Restore(folder["cut"])).Message);
    }

    [Fact]
    public async Task A_stream_is_tracked_as_it_is_asked_for()
    {
        using var session = Start();
        var source = new CountingSource(1_000_000);
        var results = new List<TrackedFrame>();
        await foreach (var result in session.TrackAsync(source, TestContext.Current.CancellationToken))
        {
            results.Add(result);
            if (result.Index == 1)
            {
                session.Add(result.Image!, Prompt.Mask(Map((3, 20))));
            }

            if (results.Count == 5)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken); // time to decode on, were there no bound
                break;
            }
        }

        Assert.Equal(Enumerable.Range(0, 5), results.Select(result => result.Index));
        Assert.Equal([0, 0, 1, 1, 1], results.Select(result => result.Objects.Count));
        Assert.Equal(TimeSpan.FromSeconds(3), results[3].Timestamp);
        Assert.InRange(source.ReadCount, 5, 12);
    }

    [Fact]
    public async Task A_stream_ends_when_it_is_cancelled()
    {
        using var session = Start();
        using var cancel = new CancellationTokenSource();
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var result in session.TrackAsync(new CountingSource(1_000_000), cancel.Token))
            {
                if (++seen == 3)
                {
                    await cancel.CancelAsync();
                }
            }
        });
        Assert.InRange(seen, 3, 4);
    }

    [Fact]
    public async Task Prompts_from_another_thread_go_ahead_of_frames_that_wait()
    {
        using var busy = Start();
        using var session = Start();
        busy.Add(Frame(0), Prompt.Mask(Map((1, 10))));
        var order = new List<string>();
        using var gate = new ManualResetEventSlim();
        var blocked = inference.RunAsync(() => gate.Wait(10_000, TestContext.Current.CancellationToken), cancellationToken: TestContext.Current.CancellationToken);
        var frames = Enumerable.Range(1, 3).Select(i => Task.Run(() =>
        {
            busy.Track(Frame(i));
            lock (order)
            {
                order.Add("frame");
            }
        }, TestContext.Current.CancellationToken)).ToList();
        await Task.Delay(100, TestContext.Current.CancellationToken);
        var prompt = Task.Run(() =>
        {
            session.Add(Frame(0), Prompt.Mask(Map((2, 10))));
            lock (order)
            {
                order.Add("prompt");
            }
        }, TestContext.Current.CancellationToken);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        gate.Set();
        await Task.WhenAll([blocked, prompt, .. frames]);
        Assert.Equal("prompt", order[0]);
    }

    public void Dispose()
    {
        network.Dispose();
        inference.Dispose();
    }

    private TrackingSession Start(SessionState? state = null, VmosConfig? config = null) => new(inference, new VmosTracker(network, config ?? network.Config, torch.CPU), state: state);

    private static VmosNetwork NewNetwork()
    {
        NativeRuntime.EnsureLoaded();
        var network = new VmosNetwork(VmosConfig.Lite);
        using var weights = ModelCatalog.Resolve("lite", null);
        StateDictLoader.Load(network, weights);
        network.PrepareForInference();
        return network;
    }

    private static LabelMap Map(params (byte Id, int Left)[] objects)
    {
        var labels = new LabelMap(Width, Height);
        foreach (var (id, left) in objects)
        {
            for (var y = 20; y < 60; y++)
            {
                labels.Ids.AsSpan((y * Width) + left, 20).Fill(id);
            }
        }

        return labels;
    }

    private static Frame Frame(int index)
    {
        var rgb = new byte[Width * Height * 3];
        for (var i = 0; i < Width * Height; i++)
        {
            var (y, x) = Math.DivRem(i, Width);
            var at = x - index;
            var part = y is < 20 or >= 60 ? 0 : at is >= 10 and < 30 ? 1 : at is >= 35 and < 55 ? 2 : at is >= 60 and < 80 ? 3 : 0;
            rgb[i * 3] = (byte)(part == 1 ? 230 : 60 + (x * 7 % 20));
            rgb[(i * 3) + 1] = (byte)(part == 2 ? 220 : 70 + (y * 5 % 20));
            rgb[(i * 3) + 2] = (byte)(part == 3 ? 240 : 80 + ((x + y) % 20));
        }

        return new Frame(rgb, Width, Height, index, TimeSpan.FromSeconds(index));
    }

    private sealed class CountingSource(int count) : FrameSource
    {
        public int ReadCount { get; private set; }

        public override string Name => "list";

        public override int? Count => count;

        public override int Width => TrackingSessionTests.Width;

        public override int Height => TrackingSessionTests.Height;

        public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default)
        {
            for (var i = 0; i < count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ReadCount++;
                yield return Frame(i);
            }
        }
    }
}
