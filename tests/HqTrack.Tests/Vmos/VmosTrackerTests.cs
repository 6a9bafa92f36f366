using HqTrack.Media;
using HqTrack.Runtime;
using HqTrack.Tests.Infrastructure;
using HqTrack.Vmos;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Vmos;

/// <summary>Views of a frame: mirrored ones see the mirrored video, several are averaged and share one label map.</summary>
[Collection("torch")]
public sealed class VmosTrackerTests : IDisposable
{
    private const int Width = 97, Height = 81;
    private static readonly TestTimeView Mirrored = new(1, true);

    private readonly VmosNetwork network = Create();

    [Fact]
    public void A_mirrored_view_gives_the_mirrored_result_of_the_mirrored_video()
    {
        using var leaks = new LeakCheck();
        var mirrored = Track([Mirrored], Frames(), Labels());
        var plain = Track([TestTimeView.Plain], [.. Frames().Select(Mirror)], Mirrored.Apply(Labels()));
        foreach (var (a, b) in mirrored.Zip(plain))
        {
            Assert.Equal(Mirrored.Apply(a.Labels).Ids, b.Labels.Ids);
            Assert.NotEmpty(b.Labels.ObjectIds());
        }
    }

    [Fact]
    public void Several_views_leave_one_label_map_and_no_tensors()
    {
        using var leaks = new LeakCheck();
        var results = Track(TestTimeView.All([1, 1.5], withMirrored: true), Frames(), Labels());
        Assert.All(results, result =>
        {
            Assert.Equal((Width, Height), (result.Labels.Width, result.Labels.Height));
            var found = result.Labels.ObjectIds();
            Assert.NotEmpty(found);
            Assert.All(found, id => Assert.InRange(result.Confidence(id), 1.0 / 3, 1));
        });
    }

    public void Dispose() => network.Dispose();

    private static VmosNetwork Create()
    {
        NativeRuntime.EnsureLoaded();
        var network = new VmosNetwork(VmosConfig.DeaotT);
        FillRule.Apply(network);
        network.PrepareForInference();
        return network;
    }

    private DecodedLabels[] Track(IReadOnlyList<TestTimeView> views, Frame[] frames, LabelMap labels)
    {
        using var mode = inference_mode();
        using var tracker = new VmosTracker(network, network.Config, CPU, views: views);
        tracker.AddReference(frames[0], labels, [1, 2], new StageTimes());
        return [.. frames.Skip(1).Select(frame => tracker.Track(frame, new StageTimes()))];
    }

    private static Frame[] Frames() => [.. Enumerable.Range(0, 3).Select(t =>
    {
        var rgb = new byte[Width * Height * 3];
        new Random(5).NextBytes(rgb);
        for (var y = 20; y < 50; y++)
        {
            rgb.AsSpan(((y * Width) + 20 + (2 * t)) * 3, 90).Fill(220);
        }

        return new Frame(rgb, Width, Height, t);
    })];

    private static LabelMap Labels()
    {
        var labels = new LabelMap(Width, Height);
        for (var y = 20; y < 50; y++)
        {
            labels.Ids.AsSpan((y * Width) + 20, 30).Fill(1);
            labels.Ids.AsSpan((y * Width) + 60, 20).Fill(2);
        }

        return labels;
    }

    private static Frame Mirror(Frame frame)
    {
        var rgb = new byte[frame.Rgb.Length];
        for (var i = 0; i < rgb.Length; i++)
        {
            int pixel = i / 3, y = pixel / frame.Width, x = pixel % frame.Width;
            rgb[i] = frame.Rgb[(((y * frame.Width) + frame.Width - 1 - x) * 3) + (i % 3)];
        }

        return new(rgb, frame.Width, frame.Height, frame.Index);
    }
}
