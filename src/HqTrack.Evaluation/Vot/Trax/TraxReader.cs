namespace HqTrack.Evaluation.Vot.Trax;

/// <summary>
/// Messages from a stream of bytes, with the rules of the official reader (trax 4.0.2, src/message.c): lines that do not begin with the prefix are
/// skipped, a spoiled line leaves its arguments to the next message, input that ends inside a message ends that message.
/// </summary>
/// <remarks>Differs from the official reader: bytes of 128 and more are UTF-8, which it takes for the end of the input; and a message has a largest size.</remarks>
/// <param name="input">The bytes.</param>
/// <param name="largest">Most bytes of one message.</param>
internal sealed class TraxReader(Stream input, int largest = TraxReader.LargestMessage)
{
    /// <summary>Room for an uncompressed 8K image in base64.</summary>
    public const int LargestMessage = 1 << 28;

    private const int LongestType = 64;

    private readonly byte[] buffer = new byte[1 << 16];
    private int position;
    private int length;

    /// <summary>The next message.</summary>
    /// <returns>Null where the input ended, or ended in a line that is no message.</returns>
    /// <exception cref="EvaluationException">The message is larger than allowed.</exception>
    public async ValueTask<TraxMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        var parser = new TraxParser(LongestType);
        for (var size = 0L; ;)
        {
            if (position == length)
            {
                (position, length) = (0, await FillAsync(cancellationToken).ConfigureAwait(false));
                if (length == 0)
                {
                    return parser.End();
                }
            }

            while (position < length)
            {
                if (parser.Push(buffer[position++]) is { } message)
                {
                    return message;
                }

                size = parser.IsInMessage ? size + 1 : 0;
                if (size > largest)
                {
                    throw new EvaluationException($"a message of the client is longer than {largest >> 20} MB, expected less; send the image as a path.");
                }
            }
        }
    }

    private async ValueTask<int> FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await input.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return 0; // a broken pipe is an end like any other
        }
    }
}
