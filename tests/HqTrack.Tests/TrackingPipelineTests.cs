using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Tests.Media;
using HqTrack.Vmos;
using TorchSharp;

namespace HqTrack.Tests;

[Collection("torch")]
public sealed class TrackingPipelineTests : IDisposable
{
    private const int Width = 40;
    private const int Height = 32;

    private readonly InferenceThread inference = new();
    private readonly VmosNetwork network = NewNetwork();
    private readonly TrackingSession session;

    public TrackingPipelineTests() =>
        session = new(inference, new VmosTracker(network, network.Config, torch.CPU, 32));

    [Fact]
    public async Task Every_frame_comes_out_in_order_with_its_stages_timed()
    {
        var seen = new List<(int Frame, int Result, int Objects)>();
        var sink = new ListSink();
        var pipeline = new TrackingPipeline(new ListSource(9), session, Prompts((2, 1), (5, 7)))
        {
            Sinks = [sink],
            Tracked = (frame, result) => seen.Add((frame.Index, result.Index, result.Objects.Count)),
        };
        var summary = await pipeline.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(0, 9).Select(i => (i, i, i < 2 ? 0 : i < 5 ? 1 : 2)), seen);
        Assert.Equal(Enumerable.Range(0, 9), sink.Written.Select(entry => entry.Index));
        Assert.All(sink.Written.Take(2), entry => Assert.Empty(entry.Labels.ObjectIds()));
        Assert.Equal([1], sink.Written[2].Labels.ObjectIds());
        Assert.Contains(7, sink.Written[5].Labels.ObjectIds());
        Assert.Equal(9, summary.Frames);
        Assert.Equal(9, summary.Latencies.Count);
        Assert.Equal(["decode", "decoder", "encoder", "merge", "propagation", "remember", "write"], summary.Stages.Keys.Order(StringComparer.Ordinal));
        Assert.True(summary.FramesPerSecond > 0 && summary.Latency(50) <= summary.Latency(99));
    }

    [Fact]
    public async Task Frames_before_one_that_cannot_be_read_are_written()
    {
        var sink = new ListSink();
        var pipeline = new TrackingPipeline(new ListSource(9, failAt: 4), session, Prompts((0, 1))) { Sinks = [sink] };
        var failure = await Assert.ThrowsAsync<MediaException>(() => pipeline.RunAsync(TestContext.Current.CancellationToken));

        Assert.Equal("frame 4 is damaged.", failure.Message);
        Assert.Equal([0, 1, 2, 3], sink.Written.Select(entry => entry.Index));
    }

    [Fact]
    public async Task A_sink_that_fails_stops_the_run_with_its_own_message()
    {
        var source = new ListSource(1_000_000);
        var pipeline = new TrackingPipeline(source, session, Prompts((0, 1))) { Sinks = [new ListSink { FailAt = 3 }] };
        var failure = await Assert.ThrowsAsync<MediaException>(() => pipeline.RunAsync(TestContext.Current.CancellationToken));

        Assert.Equal("the disk is full at frame 3.", failure.Message);
        Assert.InRange(source.ReadCount, 4, 20);
    }

    [Fact]
    public async Task Cancelling_ends_between_two_frames_and_writes_what_was_tracked()
    {
        using var cancel = new CancellationTokenSource();
        var tracked = 0;
        var sink = new ListSink();
        var pipeline = new TrackingPipeline(new ListSource(1_000_000), session, Prompts((0, 1)))
        {
            Sinks = [sink],
            Tracked = (_, _) =>
            {
                if (++tracked == 3)
                {
                    cancel.Cancel();
                }
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pipeline.RunAsync(cancel.Token));
        Assert.InRange(sink.Written.Count, 3, 20);
        Assert.Equal(sink.Written.Count, tracked);
    }

    [Fact]
    public async Task A_mask_that_is_refused_is_reported_as_such()
    {
        var prompts = new Dictionary<int, Prompt> { [0] = Prompt.Mask(new LabelMap(Width, Height)) };
        var pipeline = new TrackingPipeline(new ListSource(3), session, prompts);
        var failure = await Assert.ThrowsAsync<MediaException>(() => pipeline.RunAsync(TestContext.Current.CancellationToken));
        Assert.Contains("no object", failure.Message);
    }

    public void Dispose()
    {
        session.Dispose();
        network.Dispose();
        inference.Dispose();
    }

    private static VmosNetwork NewNetwork()
    {
        NativeRuntime.EnsureLoaded();
        var network = new VmosNetwork(VmosConfig.DeaotT);
        network.PrepareForInference();
        return network;
    }

    private static Dictionary<int, Prompt> Prompts(params (int Frame, byte Id)[] objects) => objects.ToDictionary(entry => entry.Frame, entry =>
    {
        var labels = new LabelMap(Width, Height);
        labels.Ids.AsSpan(entry.Id * Width, 5 * Width).Fill(entry.Id);
        return Prompt.Mask(labels);
    });

    private sealed class ListSource(int count, int failAt = -1) : FrameSource
    {
        public int ReadCount { get; private set; }

        public override string Name => "list";

        public override int? Count => count;

        public override int Width => TrackingPipelineTests.Width;

        public override int Height => TrackingPipelineTests.Height;

        public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default)
        {
            for (var i = 0; i < count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ReadCount++;
                yield return i == failAt ? throw new MediaException($"frame {i} is damaged.") : new Frame(new byte[Width * Height * 3], Width, Height, i);
            }
        }
    }

    private sealed class ListSink : IFrameSink
    {
        public List<(int Index, LabelMap Labels)> Written { get; } = [];

        public int FailAt { get; init; } = -1;

        public void Write(Frame frame, LabelMap labels)
        {
            if (frame.Index == FailAt)
            {
                throw new MediaException($"the disk is full at frame {frame.Index}.");
            }

            Written.Add((frame.Index, labels));
        }

        public void Dispose()
        {
        }
    }
}
