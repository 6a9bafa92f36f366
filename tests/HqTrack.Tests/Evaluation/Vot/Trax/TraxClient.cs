using HqTrack.Evaluation.Vot;
using HqTrack.Evaluation.Vot.Trax;

namespace HqTrack.Tests.Evaluation.Vot.Trax;

/// <summary>What the official client makes of a hello line.</summary>
internal sealed record TraxHandshake(int Version, IReadOnlyList<string> Regions, IReadOnlyList<string> Images, IReadOnlyList<string> Channels, bool IsMultiObject, IReadOnlyDictionary<string, string> Custom)
{
    private static readonly string[] AllRegions = ["special", "rectangle", "polygon", "mask"];
    private static readonly string[] AllImages = ["path", "url", "memory", "buffer"];
    private static readonly string[] AllChannels = ["color", "depth", "ir"];

    public static TraxHandshake Of(TraxMessage hello)
    {
        if (hello is not { Type: TraxMessageType.Hello, Arguments.Count: 0 })
        {
            throw new InvalidOperationException("no hello");
        }

        var version = Leading(hello.Properties["trax.version"] ?? "1");
        return new(
            version,
            Listed(AllRegions, hello.Properties["trax.region"], known: 1),
            [.. AllImages.Where(word => hello.Properties["trax.image"]?.Contains(word, StringComparison.Ordinal) == true)],
            version >= 2 && Listed(AllChannels, hello.Properties["trax.channels"], known: 0) is { Count: > 0 } channels ? channels : ["color"],
            version >= 4 && Leading(hello.Properties["trax.multiobject"] ?? "0") != 0,
            hello.Properties.Where(pair => !pair.Key.StartsWith("trax.", StringComparison.Ordinal)).ToDictionary());
    }

    // One unknown word makes the official client believe in all of them.
    private static IReadOnlyList<string> Listed(string[] all, string? text, int known)
    {
        var words = (text ?? string.Empty).Split(';').Where(word => word.Length > 0).ToArray();
        return words.All(word => all[known..].Contains(word)) ? [.. all.Intersect(words)] : all;
    }

    private static int Leading(string text) => int.TryParse(string.Concat(text.TakeWhile(char.IsAsciiDigit)), out var number) ? number : 0;
}

/// <summary>The client's side over a recorded server: reads hello and answers.</summary>
internal sealed class TraxClient(Stream fromServer)
{
    private readonly TraxReader reader = new(fromServer);

    public async Task<TraxHandshake> ConnectAsync() => TraxHandshake.Of(await NextAsync().ConfigureAwait(false));

    /// <summary>The answer to one request: a state per object.</summary>
    public async Task<IReadOnlyList<(Region Region, TraxProperties Properties)>> AnswerAsync(int objects)
    {
        var states = new List<(Region, TraxProperties)>();
        while (states.Count < objects)
        {
            var message = await NextAsync().ConfigureAwait(false);
            states.Add(message switch
            {
                { Type: TraxMessageType.Quit } => throw new InvalidOperationException($"Server terminated the session: {message.Properties["trax.reason"]}"),
                { Type: TraxMessageType.State, Arguments: [var text] } => (TraxRegion.Parse(text), message.Properties),
                _ => throw new InvalidOperationException($"{message.Type} with {message.Arguments.Count} arguments is no answer"),
            });
        }

        return states;
    }

    private async Task<TraxMessage> NextAsync() =>
        await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false) ?? throw new InvalidOperationException("the server went away");
}
