using System.Text;

namespace HqTrack.Evaluation.Vot.Trax;

/// <summary>The reader's state machine for one message, fed byte by byte.</summary>
/// <param name="longestType">A type longer than this is unknown.</param>
internal sealed class TraxParser(int longestType)
{
    private const int LongestKey = 64;

    private static readonly byte[] Prefix = Encoding.ASCII.GetBytes(TraxMessage.Prefix);

    private readonly List<string> arguments = [];
    private readonly List<KeyValuePair<string, string>> properties = [];
    private readonly MemoryStream key = new();
    private readonly MemoryStream value = new();
    private State state = State.Prefix;
    private int matched;
    private bool isQuoted;
    private TraxMessageType? type;

    private enum State
    {
        Prefix,
        Skip,
        Type,
        Space,
        SpaceExpected,
        Key,
        KeyEscape,
        Value,
        ValueEscape,
    }

    /// <summary>A message has begun.</summary>
    public bool IsInMessage => state is not (State.Prefix or State.Skip);

    /// <summary>Takes a byte; gives the message that it finishes.</summary>
    public TraxMessage? Push(byte letter)
    {
        switch (state)
        {
            case State.Prefix:
                PushPrefix(letter);
                return null;
            case State.Skip:
                state = letter == '\n' ? State.Prefix : State.Skip;
                return null;
            case State.Type:
                return PushType(letter);
            case State.Space or State.SpaceExpected:
                return PushSpace(letter);
            case State.Key or State.Value:
                return PushText(letter);
            default:
                PushEscaped(letter);
                return null;
        }
    }

    /// <summary>The input is at its end: what was begun ends as if a line did; null where no message was.</summary>
    public TraxMessage? End()
    {
        var message = type is null ? null : Push((byte)'\n');
        return message ?? (type is null ? null : Finish());
    }

    private void PushPrefix(byte letter)
    {
        if (letter != Prefix[matched])
        {
            matched = 0;
            state = letter == '\n' ? State.Prefix : State.Skip;
        }
        else if (++matched == Prefix.Length)
        {
            matched = 0;
            state = State.Type;
        }
    }

    private TraxMessage? PushType(byte letter)
    {
        if (char.IsAsciiLetterOrDigit((char)letter) && key.Length < longestType)
        {
            key.WriteByte(letter);
            return null;
        }

        var word = Take(key);
        type = letter is (byte)' ' or (byte)'\n' ? TypeOf(word) : null;
        if (type is not null && letter == '\n')
        {
            return Finish();
        }

        // Where an unknown type ends its line, the next line is lost as well: the official reader does the same.
        state = type is null ? State.Skip : State.Space;
        return null;
    }

    private TraxMessage? PushSpace(byte letter)
    {
        switch (letter)
        {
            case (byte)'\n':
                return Finish();
            case (byte)' ':
            case (byte)'\r' when state == State.Space:
                state = State.Space;
                return null;
            case var _ when state == State.SpaceExpected:
                // The byte stays and spoils the type of the next line, as in the official reader.
                Spoil();
                key.WriteByte(letter);
                return null;
            default:
                isQuoted = letter == '"';
                state = State.Key;
                if (!isQuoted)
                {
                    key.WriteByte(letter);
                }

                return null;
        }
    }

    private TraxMessage? PushText(byte letter)
    {
        switch (letter)
        {
            case (byte)'\\':
                state = state == State.Key ? State.KeyEscape : State.ValueEscape;
                return null;
            case (byte)'"' when isQuoted:
                Keep();
                state = State.SpaceExpected;
                return null;
            case (byte)' ' when !isQuoted:
                Keep();
                state = State.Space;
                return null;
            case (byte)'\n' when !isQuoted:
                Keep();
                return Finish();
            case (byte)'=' when state == State.Key && IsKey():
                state = State.Value;
                return null;
            default:
                (state == State.Key ? key : value).WriteByte(letter);
                return null;
        }
    }

    private void PushEscaped(byte letter)
    {
        if (letter == '\n')
        {
            Spoil();
            return;
        }

        (state == State.KeyEscape ? key : value).WriteByte(letter == 'n' ? (byte)'\n' : letter);
        state = state == State.KeyEscape ? State.Key : State.Value;
    }

    private void Spoil()
    {
        type = null;
        state = State.Skip;
        key.SetLength(0);
        value.SetLength(0);
    }

    private void Keep()
    {
        if (state == State.Key)
        {
            arguments.Add(Take(key));
        }
        else
        {
            properties.Add(new(Take(key), Take(value)));
        }
    }

    private TraxMessage Finish() => new(type!.Value, arguments, properties.Count == 0 ? TraxProperties.None : new(properties));

    private bool IsKey()
    {
        if (key.Length > LongestKey)
        {
            return false;
        }

        foreach (var letter in key.GetBuffer().AsSpan(0, (int)key.Length))
        {
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter is not ((byte)'.' or (byte)'_'))
            {
                return false;
            }
        }

        return true;
    }

    private static string Take(MemoryStream bytes)
    {
        var text = Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        bytes.SetLength(0);
        return text;
    }

    private static TraxMessageType? TypeOf(string word) => word.ToLowerInvariant() switch
    {
        "hello" => TraxMessageType.Hello,
        "initialize" => TraxMessageType.Initialize,
        "frame" => TraxMessageType.Frame,
        "state" or "status" => TraxMessageType.State,
        "quit" => TraxMessageType.Quit,
        _ => null,
    };
}
