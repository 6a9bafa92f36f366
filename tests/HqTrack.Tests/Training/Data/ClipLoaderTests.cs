using HqTrack.Media;
using HqTrack.Training.Data;

namespace HqTrack.Tests.Training.Data;

public sealed class ClipLoaderTests(SmallDataFolder data) : IClassFixture<SmallDataFolder>
{
    private const int Count = 40;
    private static readonly ClipShape Shape = new(3, 49);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 16)]
    [InlineData(4, 3)]
    [InlineData(4, 16)]
    public void Threads_and_queue_change_nothing(int threads, int queue)
    {
        var expected = Take(0, 0, 1, Count);
        var actual = Take(0, threads, queue, Count);
        for (var i = 0; i < Count; i++)
        {
            ClipSourceTests.AssertEqual(expected[i], actual[i]);
        }
    }

    [Fact]
    public void A_resumed_loader_goes_on_with_the_same_clips()
    {
        var whole = Take(0, 2, 8, Count);
        long position;
        using (var loader = new ClipLoader(Source(), Shape, 11, threads: 2, queue: 8))
        {
            for (var i = 0; i < 13; i++)
            {
                loader.Next(TestContext.Current.CancellationToken);
            }

            position = loader.Position;
        }

        Assert.Equal(13, position);
        var rest = Take(position, 2, 8, Count - 13);
        for (var i = 0; i < rest.Length; i++)
        {
            ClipSourceTests.AssertEqual(whole[13 + i], rest[i]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_failure_is_thrown_at_its_clip_and_only_there(int threads)
    {
        using var loader = new ClipLoader(new FailsAt(5), Shape, 0, threads: threads, queue: 4);
        for (var i = 0; i < 5; i++)
        {
            loader.Next(TestContext.Current.CancellationToken);
        }

        for (var again = 0; again < 2; again++)
        {
            Assert.Equal("clip 5", Assert.Throws<MediaException>(() => loader.Next(TestContext.Current.CancellationToken)).Message);
            Assert.Equal(5, loader.Position);
        }
    }

    [Fact]
    public void Waiting_can_be_cancelled_and_is_counted()
    {
        using var release = new ManualResetEventSlim();
        using var loader = new ClipLoader(new WaitsFor(release), Shape, 0, threads: 1);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.Throws<OperationCanceledException>(() => loader.Next(soon.Token));
        Assert.True(loader.Waited >= TimeSpan.FromMilliseconds(30), $"waited {loader.Waited}");
        release.Set();
        Assert.Equal(1, loader.Next(TestContext.Current.CancellationToken).ObjectCount);
    }

    [Fact]
    public void Sides_must_suit_the_network() =>
        Assert.Contains("241", Assert.Throws<ArgumentOutOfRangeException>(() => new ClipShape(4, 240 + 8)).Message, StringComparison.Ordinal);

    private MixedClipSource Source() => TrainingData.Open(data.Root).CreateSource(new ClipMix(), new PictureCache());

    private Clip[] Take(long first, int threads, int queue, int count)
    {
        using var loader = new ClipLoader(Source(), Shape, 11, first, threads, queue);
        return [.. Enumerable.Range(0, count).Select(_ => loader.Next())];
    }

    private static Clip Blank(ClipShape shape) => new(
        [.. Enumerable.Range(0, shape.Frames).Select(t => new Frame(new byte[shape.Size * shape.Size * 3], shape.Size, shape.Size, t))],
        [.. Enumerable.Range(0, shape.Frames).Select(_ => new LabelMap(shape.Size, shape.Size))],
        1);

    private sealed class FailsAt(long index) : IClipSource
    {
        private readonly ulong _start = Rng.For(0, index).State;

        public string Name => "fails";

        public Clip Next(ref Rng rng, ClipShape shape) => rng.State == _start ? throw new MediaException($"clip {index}") : Blank(shape);
    }

    private sealed class WaitsFor(ManualResetEventSlim release) : IClipSource
    {
        public string Name => "waits";

        public Clip Next(ref Rng rng, ClipShape shape)
        {
            release.Wait();
            return Blank(shape);
        }
    }
}
