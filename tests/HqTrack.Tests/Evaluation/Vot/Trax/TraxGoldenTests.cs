using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using HqTrack.Evaluation;
using HqTrack.Evaluation.Vot;
using HqTrack.Evaluation.Vot.Trax;
using HqTrack.Tests.Infrastructure;

namespace HqTrack.Tests.Evaluation.Vot.Trax;

/// <summary>The protocol against sessions of the official library (trax 4.0.2) and of the VOT toolkit (0.8.0).</summary>
[Trait("Category", "Golden")]
[ReadsGoldens("eval/trax/**")]
public sealed class TraxGoldenTests
{
    private const double OverlapTolerance = 1e-6;

    private static readonly string[] Unanswered = ["legacy_v2_rectangle", "bad_hello_unknown_region"];

    [Fact]
    public async Task Static_server_gives_the_recorded_bytes()
    {
        var replayed = new HashSet<string>();
        foreach (var session in TraxTranscripts.Index().EnumerateObject())
        {
            foreach (var name in TraxTranscripts.Processes(session.Name).Where(_ => TraxTranscripts.StaticServer(session.Value) is not null))
            {
                var (options, tracker) = TraxTranscripts.StaticServer(session.Value)!.Value;
                var hasFailed = session.Value.TryGetProperty("server_exit_code", out var code) && code.ValueKind == JsonValueKind.Number && code.GetInt32() != 0;
                await ReplayAsync(name, options, tracker, hasFailed || (name != session.Name && IsNotQuit(name)));
                replayed.Add(name);
            }
        }

        foreach (var run in TraxTranscripts.ToolkitRuns().EnumerateObject())
        {
            if (TraxTranscripts.StaticServer(run.Value.GetProperty("section").GetString()!) is not null)
            {
                foreach (var name in TraxTranscripts.Processes($"vot_evaluate/{run.Name}"))
                {
                    var (options, tracker) = TraxTranscripts.StaticServer(run.Value.GetProperty("section").GetString()!)!.Value;
                    await ReplayAsync(name, options, tracker, run.Name == "crash" || IsNotQuit(name));
                    replayed.Add(name);
                }
            }
        }

        // What is left has a server of another protocol, or one that was written by hand to be wrong: they are the client's to read.
        Assert.Equal(73, replayed.Count);
        Assert.All(TraxTranscripts.Names.Except(replayed), name => Assert.True(TraxTranscripts.IsHandWritten(name) || IsOlderProtocol(name), name));
    }

    [Fact]
    public async Task Every_line_the_library_wrote_is_written_the_same()
    {
        var lines = 0;
        foreach (var name in TraxTranscripts.Names)
        {
            var isHandWritten = name.StartsWith("bad_", StringComparison.Ordinal) || name.StartsWith("ok_", StringComparison.Ordinal) || name.StartsWith("vot_evaluate/", StringComparison.Ordinal);
            foreach (var stream in new[] { (Name: "stdin", IsOurs: !name.StartsWith("raw_", StringComparison.Ordinal)), (Name: "stdout", IsOurs: !isHandWritten || name.StartsWith("vot_evaluate/multimask", StringComparison.Ordinal)) }.Where(stream => stream.IsOurs))
            {
                var bytes = TraxTranscripts.Bytes(name, stream.Name);
                var messages = await TraxTranscripts.MessagesAsync(bytes);
                Assert.Equal(TraxTranscripts.Protocol(bytes), string.Concat(messages));
                lines += messages.Count;
            }
        }

        Assert.True(lines > 1000, $"{lines} lines were compared");
    }

    [Fact]
    public void Event_logs_hold_the_lines_of_both_streams_in_order()
    {
        var logs = 0;
        foreach (var name in TraxTranscripts.Names)
        {
            var lines = Encoding.Latin1.GetString(TraxTranscripts.Bytes(name, "events")).Split('\n');
            string Sent(string side) => string.Concat(lines.Where(line => line.StartsWith(side, StringComparison.Ordinal)).Select(line => line[side.Length..] + "\n"));

            // The log marks a line that its writer never ended; the stream ends in the middle of it.
            Assert.Equal(Encoding.Latin1.GetString(TraxTranscripts.Bytes(name, "stdin")), Sent("C> ").Replace("<incomplete line>\n", "", StringComparison.Ordinal));
            Assert.Equal(Encoding.Latin1.GetString(TraxTranscripts.Bytes(name, "stdout")), Sent("S> "));
            logs++;
        }

        Assert.True(logs >= 100, $"{logs} logs were read");
    }

    [Theory]
    [InlineData("many", "vot_evaluate/multimask")]
    [InlineData("single", "vot_evaluate/multimask_2")]
    public async Task Toolkit_starts_a_tracker_with_the_workspace_s_first_regions(string name, string session)
    {
        var sequence = VotWorkspace.Open(Goldens.Find("eval/trax/vot_evaluate")).Sequences.Single(candidate => candidate.Name == name);
        var started = (await TraxTranscripts.MessagesAsync(TraxTranscripts.Bytes(session, "stdin")))
            .TakeWhile(message => message.Type != TraxMessageType.Frame)
            .Select(message => TraxRegion.Parse(message.Arguments[0]))
            .ToArray();
        var truth = sequence.Objects.Select(id => sequence.Groundtruth(id)[0]).Where(region => region is Region.Mask).ToArray();
        Assert.Equal(truth.Length, started.Length);
        Assert.All(truth.Zip(started), pair => Assert.Equal(1, RegionOverlap.Of(pair.First, pair.Second, null, null), OverlapTolerance));
    }

    [Fact]
    public async Task Reader_takes_the_same_messages_from_odd_input()
    {
        var cases = Json("message_parse.json").GetProperty("cases").EnumerateArray().ToArray();
        foreach (var entry in cases)
        {
            var input = entry.GetProperty("input").GetString()!;
            var messages = await TraxTranscripts.MessagesAsync(Encoding.UTF8.GetBytes(input));
            var expected = entry.GetProperty("messages").EnumerateArray().TakeWhile(message => message.GetProperty("type").GetString() != "error").ToArray();
            if (!Ascii.IsValid(input))
            {
                // Differs from the library, which ends at such a byte: a path may hold one.
                Assert.Equal(["žš €"], Assert.Single(messages).Arguments);
                Assert.Equal("日本", messages[0].Properties["k"]);
                continue;
            }

            Assert.True(expected.Length == messages.Count, $"{messages.Count} messages, expected {expected.Length} from {JsonSerializer.Serialize(input)}");
            foreach (var (message, wanted) in messages.Zip(expected))
            {
                Assert.Equal(wanted.GetProperty("type").GetString(), message.Type.ToString().ToLowerInvariant());
                Assert.Equal(wanted.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString()), message.Arguments);
                Assert.Equal(wanted.GetProperty("properties").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!), message.Properties.ToDictionary());
            }
        }

        Assert.Equal(48, cases.Length);
    }

    [Fact]
    public void Regions_read_and_write_as_in_the_library()
    {
        var golden = Json("region_codec.json");
        var bounded = 0;
        foreach (var entry in golden.GetProperty("cases").EnumerateArray())
        {
            var text = entry.GetProperty("text").GetString()!;
            if (entry.GetProperty("type").ValueKind == JsonValueKind.Null)
            {
                Assert.Throws<FormatException>(() => TraxRegion.Parse(text));
                continue;
            }

            var region = TraxRegion.Parse(text);
            Assert.Equal(entry.GetProperty("type").GetString(), region.GetType().Name.ToLowerInvariant());
            Assert.Equal(entry.GetProperty("encoded").GetString(), TraxRegion.Format(region));
            if (entry.TryGetProperty("rows", out var rows))
            {
                Assert.Equal(string.Concat(rows.EnumerateArray().Select(row => row.GetString())), string.Concat(((Region.Mask)region).Pixels));
            }

            // The library leaves fractions; what is measured here is in pixels, rounded as the toolkit does. Empty masks and special codes have no bounds there.
            if (entry.TryGetProperty("bounds", out var bounds))
            {
                var (own, ends) = (Bounds.Of(region), bounds.EnumerateArray().Select(value => Bounds.Round(value.GetSingle())).ToArray());
                Assert.Equal(ends, new[] { own.Left, own.Top, own.Right, own.Bottom });
                bounded++;
                if (region is Region.Polygon && entry.TryGetProperty("to_rectangle", out var around))
                {
                    Assert.Equal(around.GetString(), TraxRegion.Format(new Region.Rectangle(own.Left, own.Top, own.Right - own.Left, own.Bottom - own.Top)));
                }
            }

            // Nothing here turns a region into a polygon, so "to_polygon" has no counterpart: its corners are those of the bounds above.
            if (entry.TryGetProperty("to_mask", out var filled))
            {
                Assert.Equal(filled.GetString(), TraxRegion.Format(TraxRegion.Filled((Region.Rectangle)region)));
            }

            if (region is Region.Mask mask && entry.TryGetProperty("to_rectangle", out var box))
            {
                Assert.Equal(box.GetString(), TraxRegion.AnswerBox(mask));
            }
        }

        Assert.Equal(22, bounded);
    }

    // The library counts pixels in single precision.
    [Fact]
    public void Regions_overlap_as_in_the_library()
    {
        var golden = Json("region_codec.json");
        var regions = golden.GetProperty("regions").EnumerateObject().ToDictionary(pair => pair.Name, pair => TraxRegion.Parse(pair.Value.GetString()!));
        var compared = 0;
        foreach (var entry in golden.GetProperty("overlap").EnumerateArray())
        {
            var (first, second) = (regions[entry[0].GetString()!], regions[entry[1].GetString()!]);
            var overlap = RegionOverlap.Of(first, second, entry[2].GetString() == "none" ? null : (40, 30));
            Assert.True(Math.Abs(entry[3].GetDouble() - overlap) <= OverlapTolerance, $"{entry}: {overlap}");
            compared++;
        }

        Assert.Equal(128, compared);
    }

    [Fact]
    public async Task Client_sees_of_a_hello_what_the_official_one_sees()
    {
        foreach (var entry in Json("hello_variants.json").GetProperty("cases").EnumerateArray())
        {
            var sees = entry.GetProperty("client_sees");
            if (sees.TryGetProperty("client_process_died", out _))
            {
                continue; // there is no behaviour to copy; ours sends both arguments
            }

            var handshake = await new TraxClient(new MemoryStream(Encoding.UTF8.GetBytes(entry.GetProperty("hello").GetString() + "\n"))).ConnectAsync();
            Check(sees, handshake);
        }
    }

    [Fact]
    public async Task Client_gets_the_recorded_answers()
    {
        var answers = 0;
        foreach (var session in TraxTranscripts.Index().EnumerateObject().Where(session => session.Value.TryGetProperty("client_calls", out _) && (session.Value.TryGetProperty("handshake", out _) || session.Value.TryGetProperty("handshake_error", out _))))
        {
            var client = new TraxClient(new MemoryStream(TraxTranscripts.Bytes(session.Name, "stdout")));
            if (session.Value.TryGetProperty("handshake_error", out _))
            {
                await Assert.ThrowsAsync<InvalidOperationException>(client.ConnectAsync);
                continue;
            }

            var handshake = await client.ConnectAsync();
            Check(session.Value.GetProperty("handshake"), handshake);
            if (!Unanswered.Contains(session.Name))
            {
                answers += await CheckCallsAsync(session, client, await TraxTranscripts.MessagesAsync(TraxTranscripts.Bytes(session.Name, "stdin")), handshake.Version);
            }
        }

        Assert.True(answers > 80, $"{answers} answers were compared");
    }

    // The official client returns answers there that no server gave: a special region of code 0 without properties, for every call. Nothing in the streams can be read as
    // one: the server wrote its hello and no more. To a server of version 2 the client does not even send the request; it quits, once for each message it was asked to send.
    [Theory]
    [InlineData("legacy_v2_rectangle", 5, "Quit")]
    [InlineData("bad_hello_unknown_region", 1, "Initialize Frame")]
    public async Task Answers_that_the_official_client_makes_up_have_no_bytes_behind_them(string name, int calls, string sent)
    {
        Assert.Contains(name, Unanswered);
        Assert.Equal([TraxMessageType.Hello], (await TraxTranscripts.MessagesAsync(TraxTranscripts.Bytes(name, "stdout"))).Select(message => message.Type));
        Assert.Equal(sent.Split(' '), (await TraxTranscripts.MessagesAsync(TraxTranscripts.Bytes(name, "stdin"))).Select(message => message.Type.ToString()).Distinct());
        var answered = TraxTranscripts.Index().GetProperty(name).GetProperty("client_calls").EnumerateArray().Where(call => call.TryGetProperty("result", out _)).ToArray();
        Assert.Equal(calls, answered.Length);
        Assert.All(answered, call => Assert.Equal("""[{"region":{"type":"special","code":0},"properties":{}}]""", JsonSerializer.Serialize(call.GetProperty("result"))));

        // Ours says that there is no answer.
        var client = new TraxClient(new MemoryStream(TraxTranscripts.Bytes(name, "stdout")));
        await client.ConnectAsync();
        Assert.Contains("went away", (await Assert.ThrowsAsync<InvalidOperationException>(() => client.AnswerAsync(1))).Message);
    }

    [Theory]
    [InlineData("image_memory_rgb")]
    [InlineData("image_memory_gray8")]
    [InlineData("image_memory_gray16")]
    public async Task Images_in_messages_have_the_recorded_pixels(string name)
    {
        var frame = (await ImageAsync(name)).Read(0);
        var rows = TraxTranscripts.Index().GetProperty(name).GetProperty("image").EnumerateArray().Select(row => row.EnumerateArray().ToArray()).ToArray();
        Assert.Equal((rows[0].Length, rows.Length), (frame.Width, frame.Height));
        var expected = rows.SelectMany(row => row).SelectMany(pixel => pixel.ValueKind == JsonValueKind.Array
            ? pixel.EnumerateArray().Select(value => value.GetInt32())
            : Enumerable.Repeat(name.EndsWith("16", StringComparison.Ordinal) ? pixel.GetInt32() >> 8 : pixel.GetInt32(), 3));
        Assert.Equal(expected, frame.Rgb.Select(value => (int)value));
    }

    [Theory]
    [InlineData("image_buffer_png")]
    [InlineData("image_buffer_jpeg")]
    public async Task Image_files_in_messages_are_whole(string name)
    {
        var image = await ImageAsync(name);
        Assert.EndsWith(TraxTranscripts.Index().GetProperty(name).GetProperty("file_base64").GetString()!, image.Content, StringComparison.Ordinal);
        var frame = image.Read(3);
        Assert.Equal((5, 4, 3), (frame.Width, frame.Height, frame.Index));
    }

    private static async Task ReplayAsync(string name, TraxServerOptions options, ITraxTracker tracker, bool isFailure)
    {
        var output = new MemoryStream();
        var run = new TraxServer(tracker, options, new MemoryStream(TraxTranscripts.Bytes(name, "stdin")), output).RunAsync(CancellationToken.None);
        if (isFailure)
        {
            var failure = await Assert.ThrowsAsync<EvaluationException>(() => run);
            Assert.DoesNotContain('\n', failure.Message);
        }
        else
        {
            await run;
        }

        var (expected, actual) = (Lines(TraxTranscripts.Protocol(TraxTranscripts.Bytes(name, "stdout"))), Lines(Encoding.UTF8.GetString(output.ToArray())));
        if (isFailure)
        {
            // Reasons are each program's own words; a server that died had none.
            Assert.StartsWith("@@TRAX:quit \"trax.reason=", actual[^1], StringComparison.Ordinal);
            (expected, actual) = ([.. expected.Where(IsNoQuit)], [.. actual.Where(IsNoQuit)]);
        }

        if (name == "mot_object_properties")
        {
            // Differs from the library, which loses the properties from the first byte of 128 or more on.
            var echoed = Assert.Single(actual, line => line.Contains("žš€", StringComparison.Ordinal));
            actual[Array.IndexOf(actual, echoed)] = Regex.Replace(echoed, "\"(uni|empty|nl)=[^\"]*\" ", string.Empty);
        }

        if (name.StartsWith("vot_evaluate/slow", StringComparison.Ordinal))
        {
            actual = actual[..Math.Min(actual.Length, expected.Length)]; // the recorded server was stopped in its sleep
        }

        Assert.True(expected.SequenceEqual(actual), $"{name}: expected\n{string.Join('\n', expected)}\nfound\n{string.Join('\n', actual)}");
    }

    private static async Task<int> CheckCallsAsync(JsonProperty session, TraxClient client, List<TraxMessage> sent, int version)
    {
        var (objects, requests) = (0, new Queue<int>());
        foreach (var message in sent)
        {
            objects = message switch
            {
                { Type: TraxMessageType.Initialize, Arguments.Count: 0 } => 0,
                { Type: TraxMessageType.Initialize } when version >= 4 => objects + 1,
                _ => version >= 4 ? objects : 1,
            };
            if (message.Type == TraxMessageType.Frame || (version < 4 && message.Type == TraxMessageType.Initialize))
            {
                requests.Enqueue(objects);
            }
        }

        var answers = 0;
        foreach (var call in session.Value.GetProperty("client_calls").EnumerateArray())
        {
            if (call.TryGetProperty("error", out var error))
            {
                if (error.GetString() is var text && !text!.StartsWith("Exception when waiting", StringComparison.Ordinal) && !text.StartsWith("Server terminated", StringComparison.Ordinal))
                {
                    continue; // the official client refused to send it
                }

                await Assert.ThrowsAnyAsync<Exception>(() => client.AnswerAsync(requests.Dequeue()).WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
            }
            else if (call.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Array)
            {
                var states = await client.AnswerAsync(requests.Dequeue());
                Assert.Equal(result.GetArrayLength(), states.Count);
                foreach (var (state, wanted) in states.Zip(result.EnumerateArray()))
                {
                    CheckState(session.Name, wanted, state.Region, state.Properties);
                    answers++;
                }
            }
        }

        return answers;
    }

    private static void CheckState(string session, JsonElement wanted, Region region, TraxProperties properties)
    {
        var shape = wanted.GetProperty("region");
        Assert.True(shape.GetProperty("type").GetString() == region.GetType().Name.ToLowerInvariant(), session);
        switch (region)
        {
            case Region.Special special:
                Assert.Equal(shape.GetProperty("code").GetInt32(), special.Code);
                break;
            case Region.Rectangle box:
                Assert.Equal(shape.GetProperty("values").EnumerateArray().Select(value => value.GetSingle()), [box.X, box.Y, box.Width, box.Height]);
                break;
            case Region.Polygon polygon:
                Assert.Equal(shape.GetProperty("points").EnumerateArray().SelectMany(point => point.EnumerateArray()).Select(value => value.GetSingle()), polygon.Points);
                break;
            case Region.Mask mask:
                Assert.Equal((shape.GetProperty("offset")[0].GetInt32(), shape.GetProperty("offset")[1].GetInt32()), (mask.X, mask.Y));
                Assert.Equal((shape.GetProperty("width").GetInt32(), shape.GetProperty("height").GetInt32()), (mask.Width, mask.Height));
                Assert.Equal(shape.GetProperty("pixels").GetInt32(), mask.Pixels.Count(pixel => pixel != 0));
                break;
            default:
                Assert.Fail(session);
                break;
        }

        Assert.Equal(wanted.GetProperty("properties").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!), properties.ToDictionary());
    }

    private static void Check(JsonElement sees, TraxHandshake handshake)
    {
        Assert.Equal(Words(sees.GetProperty("regions")), handshake.Regions);
        Assert.Equal(Words(sees.GetProperty("images")), handshake.Images);
        Assert.Equal(Words(sees.GetProperty("channels")), handshake.Channels);
        var custom = sees.GetProperty("custom").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value);
        Assert.Equal(custom["multiobject"].GetBoolean(), handshake.IsMultiObject);
        Assert.Equal(custom.Where(pair => pair.Key != "multiobject").ToDictionary(pair => pair.Key, pair => pair.Value.GetString()!), handshake.Custom);
    }

    private static string[] Words(JsonElement array) => [.. array.EnumerateArray().Select(word => word.GetString()!)];

    private static async Task<TraxImage> ImageAsync(string name) =>
        TraxImage.Parse((await TraxTranscripts.MessagesAsync(TraxTranscripts.Bytes(name, "stdin"))).First(message => message.Type == TraxMessageType.Frame).Arguments[0]);

    private static string Text(string name, string stream) => Encoding.UTF8.GetString(TraxTranscripts.Bytes(name, stream));

    private static bool IsNotQuit(string name) => !Text(name, "stdin").Contains("@@TRAX:quit", StringComparison.Ordinal);

    private static bool IsOlderProtocol(string name) => Regex.IsMatch(Text(name, "stdout"), "^@@TRAX:hello .*\"trax.version=[123]\"");

    private static bool IsNoQuit(string line) => !line.StartsWith("@@TRAX:quit", StringComparison.Ordinal);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static JsonElement Json(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Goldens.Find($"eval/trax/{name}")));
        return document.RootElement.Clone();
    }
}
