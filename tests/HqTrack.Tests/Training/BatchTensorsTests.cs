using HqTrack.Tests.Training.Data;
using HqTrack.Training;
using HqTrack.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace HqTrack.Tests.Training;

[Collection("torch")]
public sealed class BatchTensorsTests(SmallDataFolder data) : IClassFixture<SmallDataFolder>
{
    private static readonly ClipShape Shape = new(3, 49);

    [Fact]
    public void A_batch_is_packed_frame_by_frame_and_normalised_on_its_way()
    {
        var source = TrainingData.Open(data.Root).CreateSource(new ClipMix(), new PictureCache());
        using var loader = new ClipLoader(source, Shape, 4, threads: 0);
        Clip[] clips = [loader.Next(TestContext.Current.CancellationToken), loader.Next(TestContext.Current.CancellationToken)];
        var batch = new ClipBatch(2, Shape);
        batch.Pack(clips);
        using var scope = NewDisposeScope();
        var (images, labels) = (BatchTensors.Images(batch, CPU), BatchTensors.Labels(batch, CPU));
        Assert.Equal([3, 2, 3, 49, 49], images.shape);
        Assert.Equal([3, 2, 49, 49], labels.shape);
        var (t, b, y, x) = (2, 1, 20, 31);
        for (var channel = 0; channel < 3; channel++)
        {
            var value = clips[b].Frames[t].Rgb[(((y * 49) + x) * 3) + channel] / 255f;
            var expected = (value - new[] { 0.485f, 0.456f, 0.406f }[channel]) / new[] { 0.229f, 0.224f, 0.225f }[channel];
            Assert.Equal(expected, images[t, b, channel, y, x].item<float>(), 1e-6f);
        }

        Assert.Equal(clips[b].Labels[t].Ids, labels[t, b].contiguous().data<byte>().ToArray());
        Assert.Equal(clips.Select(clip => clip.ObjectCount), batch.ObjectCounts);
        Assert.Throws<ArgumentException>(() => new ClipBatch(2, new ClipShape(3, 65)).Pack(clips));
    }
}
