namespace HqTrack.Media.Video;

/// <summary>Binary PPM pictures ("P6", 8 bits) one after another in a stream.</summary>
internal static class PpmReader
{
    /// <summary>Reads the next picture; null at the end of the stream.</summary>
    /// <exception cref="EndOfStreamException">The stream ends inside a picture.</exception>
    /// <exception cref="MediaException">Something else than such a picture comes.</exception>
    public static (byte[] Rgb, int Width, int Height)? Read(Stream stream, string name)
    {
        var first = stream.ReadByte();
        if (first < 0)
        {
            return null;
        }

        if (first != 'P' || stream.ReadByte() != '6')
        {
            throw new MediaException($"'{name}' holds something that is no PPM picture, expected \"P6\" pictures one after another; write it with ffmpeg -f image2pipe -c:v ppm.");
        }

        var (width, height, top) = (Number(stream, name), Number(stream, name), Number(stream, name));
        if (top != 255 || width < 1 || height < 1 || (long)width * height > 1 << 28)
        {
            throw new MediaException($"'{name}' holds a PPM picture of {width}x{height} with values up to {top}, expected 8 bits (255) and at most 268 million pixels.");
        }

        var rgb = GC.AllocateUninitializedArray<byte>(width * height * 3);
        stream.ReadExactly(rgb);
        return (rgb, width, height);
    }

    // White space, perhaps comments, digits, and the one white space behind them.
    private static int Number(Stream stream, string name)
    {
        var value = -1;
        while (true)
        {
            var character = stream.ReadByte();
            switch (character)
            {
                case < 0:
                    throw new EndOfStreamException();
                case >= '0' and <= '9' when value < 100_000_000:
                    value = (Math.Max(value, 0) * 10) + character - '0';
                    break;
                case '#' when value < 0:
                    while (stream.ReadByte() is not ('\n' or < 0))
                    {
                    }

                    break;
                case ' ' or '\n' or '\r' or '\t':
                    if (value >= 0)
                    {
                        return value;
                    }

                    break;
                default:
                    throw new MediaException($"'{name}' holds a damaged PPM header; write it again.");
            }
        }
    }
}
