using System.Text;
using HqTrack.Media;

namespace HqTrack.Evaluation.Vot.Trax;

/// <summary>
/// The tracker's side of a TraX session, protocol version 4: hello, then initialize lines (one an object), frames and states until one side quits.
/// What the peer does wrong ends the session with a quit message that says so and an exception of one line; nothing waits longer than the timeout.
/// </summary>
internal sealed class TraxServer(ITraxTracker tracker, TraxServerOptions options, Stream input, Stream output)
{
    private const string ReasonKey = "trax.reason";
    private const int MaxReason = 300;

    private readonly TraxReader reader = new(input);
    private readonly List<TraxObject> added = [];
    private long addedSize;
    private int objects;
    private int frames;

    /// <summary>Serves one client until it quits.</summary>
    /// <exception cref="EvaluationException">The peer broke the protocol, fell silent or went away.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    /// <remarks>What the tracker throws goes on to the caller after the client was told.</remarks>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync([options.Hello()], cancellationToken).ConfigureAwait(false);
            while (await ReceiveAsync(cancellationToken).ConfigureAwait(false) is { Type: not TraxMessageType.Quit } message)
            {
                switch (message.Type)
                {
                    case TraxMessageType.Initialize:
                        Initialize(message);
                        break;
                    case TraxMessageType.Frame:
                        await SendAsync(Answer(message), cancellationToken).ConfigureAwait(false);
                        break;
                    default:
                        break; // a client has no hello or state to send; the official server takes no notice
                }
            }
        }
        catch (Exception e) when (e is EvaluationException or MediaException && e.Message.Any(char.IsControl))
        {
            var failure = new EvaluationException(string.Concat(e.Message.Select(letter => char.IsControl(letter) ? ' ' : letter)), e); // the peer's text may hold line ends
            await TellAsync(failure).ConfigureAwait(false);
            throw failure;
        }
        catch (Exception e)
        {
            await TellAsync(e).ConfigureAwait(false);
            throw;
        }
    }

    private void Initialize(TraxMessage message)
    {
        if (message.Arguments.Count == 0)
        {
            added.Clear();
            (addedSize, objects) = (0, 0);
            tracker.Reset();
            return;
        }

        if (message.Arguments is not [var text])
        {
            throw new EvaluationException($"an initialize message has {message.Arguments.Count} arguments, expected one region; protocol version {TraxServerOptions.Version} sends images with frames.");
        }

        addedSize += text.Length;
        if (objects + added.Count >= options.MaxObjects || addedSize > TraxReader.LargestMessage)
        {
            throw new EvaluationException($"object {objects + added.Count + 1} is one too many, expected at most {options.MaxObjects} of {TraxReader.LargestMessage >> 20} MB in all.");
        }

        try
        {
            _ = TraxRegion.Parse(text);
        }
        catch (FormatException e)
        {
            throw new EvaluationException($"the region of object {objects + added.Count + 1} cannot be read: {e.Message}.", e);
        }

        added.Add(new(text, message.Properties));
    }

    private TraxMessage[] Answer(TraxMessage message)
    {
        if (message.Arguments.Count != options.Channels.Count)
        {
            throw new EvaluationException($"frame {frames + 1} has {message.Arguments.Count} images, expected {options.Channels.Count} ({string.Join(", ", options.Channels)}).");
        }

        if (objects + added.Count == 0)
        {
            throw new EvaluationException($"frame {frames + 1} came before any object, expected an initialize message with a region first.");
        }

        if (!options.IsMultiObject && objects + added.Count > 1)
        {
            throw new EvaluationException($"{objects + added.Count} objects were pointed out, this tracker follows one; start it with several objects allowed.");
        }

        var images = message.Arguments.Select(TraxImage.Parse).ToArray();
        if (images.FirstOrDefault(image => !options.Images.Contains(image.Kind)) is { } odd)
        {
            throw new EvaluationException($"frame {frames + 1} has an image of kind {odd.Kind.ToString().ToLowerInvariant()}, expected {string.Join(", ", options.Images).ToLowerInvariant()}.");
        }

        var states = tracker.Track(images, [.. added]);
        objects += added.Count;
        added.Clear();
        addedSize = 0;
        frames++;
        return [.. states.Select(state => new TraxMessage(TraxMessageType.State, [state.Region], state.Properties))];
    }

    private async Task<TraxMessage> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var message = await reader.ReadAsync(cancellationToken).AsTask().WaitAsync(options.Timeout, cancellationToken).ConfigureAwait(false)
                ?? throw new EvaluationException($"the client went away after {frames} frames without a quit message, expected one.");
            return message is { Type: TraxMessageType.Quit, Arguments.Count: > 0 }
                ? throw new EvaluationException($"a quit message has {message.Arguments.Count} arguments, expected none (or {ReasonKey}=...).")
                : message;
        }
        catch (TimeoutException e)
        {
            throw new EvaluationException($"the client sent nothing for {options.Timeout.TotalSeconds:0} s after frame {frames}, expected a message; raise --timeout where it needs longer.", e);
        }
    }

    // All lines of an answer in one piece: the toolkit mixes stderr into the same pipe.
    private async Task SendAsync(IEnumerable<TraxMessage> messages, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(messages));
        try
        {
            await Task.Run(() =>
            {
                output.Write(bytes);
                output.Flush();
            }, CancellationToken.None).WaitAsync(options.Timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new EvaluationException($"the client did not take an answer for {options.Timeout.TotalSeconds:0} s after frame {frames}; raise --timeout where it needs longer.", e);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new EvaluationException($"the client closed the connection after {frames} frames, expected a quit message first.", e);
        }
    }

    // The failure that is told is the one to report, whatever comes of telling it. ASCII: the official client ends at any other byte.
    private async Task TellAsync(Exception failure)
    {
        var reason = failure is OperationCanceledException ? "interrupted" : failure.Message.ReplaceLineEndings(" ");
        reason = string.Concat(reason.Take(MaxReason).Select(letter => char.IsAscii(letter) ? letter : '?'));
        try
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await SendAsync([new(TraxMessageType.Quit, [], new(new KeyValuePair<string, string>(ReasonKey, reason)))], soon.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is EvaluationException or OperationCanceledException)
        {
            // The client is gone or does not read.
        }
    }
}
