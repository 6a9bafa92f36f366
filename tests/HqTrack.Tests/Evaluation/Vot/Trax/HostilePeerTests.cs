using System.Text;
using HqTrack.Evaluation;
using HqTrack.Evaluation.Vot;
using HqTrack.Evaluation.Vot.Trax;
using HqTrack.Media;
using HqTrack.Tests.Infrastructure;

namespace HqTrack.Tests.Evaluation.Vot.Trax;

/// <summary>Peers that send anything: the server ends, in time, well or with an exception whose message is one line.</summary>
[Trait("Category", "Golden")]
[ReadsGoldens("eval/trax/**")]
public sealed class HostilePeerTests
{
    private const int Streams = 2000;

    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Two_thousand_mutated_streams_end_in_time_and_in_one_line()
    {
        byte[][] seeds =
        [
            .. new[] { "mot_add_objects", "mot_reinitialize", "mot_object_properties", "image_memory_rgb", "image_memory_gray16", "image_buffer_png", "sot_all_region_formats", "raw_noise_lines", "raw_unquoted", "raw_special_region" }
                .Select(name => TraxTranscripts.Bytes(name, "stdin")),
        ];
        var random = new Random(20231);
        var (well, badly, longest) = (0, 0, TimeSpan.Zero);
        for (var i = 0; i < Streams; i++)
        {
            var bytes = Mutate(seeds[i % seeds.Length], random, seeds);
            using var input = new HostileInput(bytes, staysOpen: i % 50 == 0);
            using Stream output = i % 7 == 0 ? new ClosingOutput(random.Next(400)) : new MemoryStream();
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            var failure = await Record.ExceptionAsync(() =>
                new TraxServer(new DrawingTracker(), new() { Name = "hostile", Timeout = Timeout, Regions = ["rectangle", "polygon", "mask"] }, input, output).RunAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken));
            var elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(start);
            longest = elapsed > longest ? elapsed : longest;
            Assert.True(failure is null or EvaluationException or MediaException, $"stream {i}: {failure}");
            Assert.True(failure is null || (failure.Message.Length is > 10 and < 1000 && !failure.Message.Contains('\n')), $"stream {i}: {failure?.Message}");
            (well, badly) = failure is null ? (well + 1, badly) : (well, badly + 1);
        }

        TestContext.Current.SendDiagnosticMessage($"{well} sessions ended well, {badly} with one line; the longest took {longest.TotalMilliseconds:0} ms");
        Assert.True(well > 100 && badly > 500, $"{well} sessions ended well, {badly} did not: the mutations are too mild or too wild");
    }

    [Fact]
    public async Task A_silent_client_is_waited_for_no_longer_than_the_timeout()
    {
        using var input = new HostileInput([], staysOpen: true);
        var output = new MemoryStream();
        var failure = await Assert.ThrowsAsync<EvaluationException>(() => Serve(input, output));
        Assert.Contains("sent nothing", failure.Message);
        Assert.Contains("@@TRAX:quit \"trax.reason=the client sent nothing", Encoding.ASCII.GetString(output.ToArray()));
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_waited_for_no_longer_than_the_timeout()
    {
        using var output = new StuckOutput();
        var failure = await Assert.ThrowsAsync<EvaluationException>(() => Serve(new MemoryStream(TraxTranscripts.Bytes("mot_mask_path", "stdin")), output)).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Contains("did not take an answer", failure.Message);
        output.Release();
    }

    [Theory]
    [InlineData("@@TRAX:initialize \"mask:0,0,99999,99999,1\" \n", "million pixels")]
    [InlineData("@@TRAX:initialize \"mask:0,0,0,5,1\" \n", "at least 1")]
    [InlineData("@@TRAX:initialize \"mask:0,0\" \n", "expected x, y, width, height")]
    [InlineData("@@TRAX:initialize \"mask:0,0,4,4,-1,5\" \n", "run 1")]
    [InlineData("@@TRAX:initialize \"inf,0,4,4\" \n", "infinite")]
    [InlineData("@@TRAX:initialize \"1,2,3,4,5\" \n", "5 numbers")]
    [InlineData("@@TRAX:frame \"/a.png\" \n", "before any object")]
    [InlineData("@@TRAX:initialize \"1,2,3,4\" \"5\" \n", "2 arguments")]
    [InlineData("@@TRAX:initialize \"1,2,3,4\" \n@@TRAX:frame \"/nowhere/a.png\" \n", "does not exist")]
    [InlineData("@@TRAX:initialize \"1,2,3,4\" \n@@TRAX:frame \"image:2;2;rgb;AAAA\" \n", "has 3 bytes")]
    [InlineData("@@TRAX:initialize \"1,2,3,4\" \n@@TRAX:frame \"image:2;2;rgb;~\" \n", "not base64")]
    [InlineData("@@TRAX:initialize \"1,2,3,4\" \n@@TRAX:frame \"image:99999999;99999999;rgb;AA\" \n", "expected image:WIDTH")]
    [InlineData("@@TRAX:initialize \"1,2,3,4\" \n@@TRAX:frame \"data:image/png;AAAA\" \n", "not an image")]
    [InlineData("@@TRAX:initialize \"1,2,3,4\" \n@@TRAX:frame \"http://a/b\" \n", "kind url")]
    public async Task What_is_wrong_is_said_to_both_sides(string input, string expected)
    {
        var output = new MemoryStream();
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => Serve(new MemoryStream(Encoding.ASCII.GetBytes(input)), output));
        Assert.Contains(expected, failure.Message);
        Assert.Contains(expected, Encoding.ASCII.GetString(output.ToArray()));
    }

    [Fact]
    public async Task A_message_without_end_is_refused()
    {
        var reader = new TraxReader(new MemoryStream(Encoding.ASCII.GetBytes("@@TRAX:frame \"" + new string('a', 5000))), largest: 4096);
        Assert.Contains("longer than", (await Assert.ThrowsAsync<EvaluationException>(async () => await reader.ReadAsync(CancellationToken.None))).Message);
    }

    [Fact]
    public async Task Descriptors_and_ports_of_the_environment_are_checked()
    {
        var failure = await Assert.ThrowsAsync<EvaluationException>(() => TraxConnection.OpenAsync(name => name == TraxConnection.SocketVariable ? "door" : null, CancellationToken.None));
        Assert.Contains("TRAX_SOCKET is 'door'", failure.Message);
        Assert.Contains("file descriptor 987654", (await Assert.ThrowsAsync<EvaluationException>(() => TraxConnection.OpenAsync(name => name == TraxConnection.InputVariable ? "987654" : null, CancellationToken.None))).Message);
    }

    [Fact]
    public async Task Socket_mode_speaks_to_the_clients_port()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var accepting = listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using var connection = await TraxConnection.OpenAsync(name => name == TraxConnection.SocketVariable ? $"{port}" : null, TestContext.Current.CancellationToken);
        using var peer = await accepting;
        var serving = Serve(connection.Input, connection.Output);
        await peer.GetStream().WriteAsync(TraxTranscripts.Bytes("traxtest_mask_mot_server", "stdin"), TestContext.Current.CancellationToken);
        await serving.WaitAsync(Patience, TestContext.Current.CancellationToken);
        connection.Dispose();
        using var answers = new StreamReader(peer.GetStream());
        Assert.Equal(Encoding.ASCII.GetString(TraxTranscripts.Bytes("traxtest_mask_mot_server", "stdout")), await answers.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private static Task Serve(Stream input, Stream output)
    {
        var isSocket = input is System.Net.Sockets.NetworkStream;
        var images = isSocket ? new[] { TraxImageKind.Path } : [TraxImageKind.Path, TraxImageKind.Memory, TraxImageKind.Buffer];
        return new TraxServer(isSocket ? new StaticTracker() : new DrawingTracker(), new() { Name = isSocket ? "static" : "test", Images = images, Timeout = isSocket ? Patience : Timeout }, input, output)
            .RunAsync(TestContext.Current.CancellationToken);
    }

    private static byte[] Mutate(byte[] seed, Random random, byte[][] seeds)
    {
        var bytes = new List<byte>(seed);
        for (var times = random.Next(4); times >= 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(10))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at) + 1); // cut off
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(30), bytes.Count - at));
                    break;
                case 3:
                    bytes.RemoveAll(value => value == '\n' && random.Next(3) == 0); // missing line ends
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.ASCII.GetBytes(new string("9,a\"\\="[random.Next(6)], random.Next(200_000)))); // a huge field
                    break;
                case 5:
                    bytes.InsertRange(at, Encoding.ASCII.GetBytes(new[] { "-1", "99999999999", "1e38", "nan", "inf", "0x10", "-99999", "0", "..", "1e-400" }[random.Next(10)])); // wrong lengths
                    break;
                case 6:
                    bytes.InsertRange(at, seeds[random.Next(seeds.Length)]);
                    break;
                case 7:
                    bytes.InsertRange(at, Encoding.ASCII.GetBytes(new[] { "@@TRAX:", "@@TRAX:quit\n", "@@TRAX:initialize \n", "\n@@TRAX:frame\n", "\r\n", "@@TRAX:state \"\"\n" }[random.Next(6)]));
                    break;
                case 8:
                    var from = random.Next(bytes.Count);
                    bytes.InsertRange(at, bytes.GetRange(from, Math.Min(random.Next(600), bytes.Count - from)));
                    break;
                default:
                    bytes.Reverse(at, Math.Min(random.Next(40), bytes.Count - at));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Does what a real tracker does with images and regions, but for the network.</summary>
    private sealed class DrawingTracker : ITraxTracker
    {
        private readonly List<(byte Id, LabelMap Labels)> objects = [];
        private int frames;

        public void Reset() => objects.Clear();

        public IReadOnlyList<TraxState> Track(IReadOnlyList<TraxImage> images, IReadOnlyList<TraxObject> added)
        {
            var image = images[0];
            var frame = image.Kind == TraxImageKind.Path && !image.Content.StartsWith("/nowhere", StringComparison.Ordinal) ? new Frame(new byte[64 * 48 * 3], 64, 48, frames++) : image.Read(frames++);
            foreach (var region in added.Select(entry => entry.Region))
            {
                var labels = new LabelMap(frame.Width, frame.Height);
                LabelRegions.Draw(region is Region.Rectangle box ? TraxRegion.Filled(box) : region, labels, (byte)(objects.Count + 1));
                objects.Add(((byte)(objects.Count + 1), labels));
            }

            return [.. objects.Select(entry => new TraxState(TraxRegion.Answer(Mask(entry.Id, entry.Labels), frame.Width, frame.Height), TraxProperties.None))];
        }

        private static Region.Mask Mask(byte id, LabelMap labels) => LabelRegions.Of(labels, new(id, 0, Box.Of(labels).TryGetValue(id, out var box) ? box : null, 1, false));
    }

    /// <summary>Gives its bytes in uneven pieces; then ends, or stays open and silent.</summary>
    private sealed class HostileInput(byte[] bytes, bool staysOpen) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length && staysOpen)
            {
                await Task.Delay(System.Threading.Timeout.Infinite, cancellationToken).ConfigureAwait(false);
            }

            return Read(buffer.Span[..Math.Min(buffer.Length, 1 + (int)(Position % 977))]);
        }
    }

    /// <summary>A pipe that breaks after some bytes.</summary>
    private sealed class ClosingOutput(int room) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            room -= buffer.Length;
            if (room < 0)
            {
                throw new IOException("broken pipe");
            }
        }
    }

    /// <summary>A pipe that nobody reads.</summary>
    private sealed class StuckOutput : MemoryStream
    {
        private readonly ManualResetEventSlim released = new();

        public void Release() => released.Set();

        public override void Write(byte[] buffer, int offset, int count) => released.Wait();

        public override void Write(ReadOnlySpan<byte> buffer) => released.Wait();
    }
}
