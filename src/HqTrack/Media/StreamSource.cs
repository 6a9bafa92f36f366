using HqTrack.Media.Video;

namespace HqTrack.Media;

/// <summary>
/// Frames from a stream that passes once (stdin): JPEG or PPM pictures one after another, raw pixels of a size that is told, or anything else
/// through ffmpeg. The first bytes say which.
/// </summary>
internal sealed class StreamSource : FrameSource
{
    private readonly Stream _stream;
    private readonly RawFormat? _raw;
    private readonly SameSize _size = new();
    private bool _isUsed;

    /// <summary>Takes over a stream.</summary>
    /// <param name="stream">The bytes; not disposed.</param>
    /// <param name="raw">The form of raw pixels; null where the stream is of pictures or a video.</param>
    public StreamSource(Stream stream, RawFormat? raw = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = new BufferedStream(stream, 1 << 16);
        _raw = raw;
    }

    public override string Name => "-";

    public override int? Count => null;

    public override int Width => _raw?.Width ?? _size.Width;

    public override int Height => _raw?.Height ?? _size.Height;

    internal override bool PassesOnce => true;

    public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default)
    {
        if (_isUsed)
        {
            throw new MediaException("the stream on stdin passes only once; save it as a file to go through it again.");
        }

        _isUsed = true;
        var index = 0;
        foreach (var picture in _raw is { } raw ? RawPictures(raw) : Pictures())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return _size.Frame(picture, index++);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (index == 0)
        {
            throw new MediaException("stdin holds no frame; pipe JPEG or PPM pictures, a video, or raw pixels (--stdin-format raw:WxH) into it.");
        }
    }

    private IEnumerable<(byte[] Rgb, int Width, int Height, TimeSpan? Time)> Pictures()
    {
        var head = new byte[2];
        var length = _stream.ReadAtLeast(head, 2, throwOnEndOfStream: false);
        Stream whole = new HeadedStream(head.AsMemory(0, length), _stream);
        return (length, head[0], head[1]) switch
        {
            (0, _, _) => [],
            (2, 0xFF, 0xD8) => Jpegs(whole),
            (2, (byte)'P', (byte)'6') => Ppms(whole),
            _ => Decoded(whole),
        };
    }

    private static IEnumerable<(byte[] Rgb, int Width, int Height, TimeSpan? Time)> Jpegs(Stream stream)
    {
        var reader = new JpegStream(stream);
        for (var index = 0; reader.Next(index) is { } jpeg; index++)
        {
            var frame = ImageFile.Decode(jpeg, $"frame {index} on stdin", index);
            yield return (frame.Rgb, frame.Width, frame.Height, null);
        }
    }

    private static IEnumerable<(byte[] Rgb, int Width, int Height, TimeSpan? Time)> Ppms(Stream stream)
    {
        for (var index = 0; Whole(() => PpmReader.Read(stream, "stdin"), index) is { } picture; index++)
        {
            yield return (picture.Rgb, picture.Width, picture.Height, null);
        }
    }

    private static IEnumerable<(byte[] Rgb, int Width, int Height, TimeSpan? Time)> Decoded(Stream stream)
    {
        using var frames = new FfmpegFrames("stdin", ["-protocol_whitelist", "pipe", "-copyts", "-i", "pipe:0"], null, stream);
        for (var index = 0; frames.Next(index) is { } picture; index++)
        {
            yield return picture;
        }
    }

    private IEnumerable<(byte[] Rgb, int Width, int Height, TimeSpan? Time)> RawPictures(RawFormat raw)
    {
        for (var index = 0; Whole(() => raw.Read(_stream), index) is { } rgb; index++)
        {
            yield return (rgb, raw.Width, raw.Height, null);
        }
    }

    private static T Whole<T>(Func<T> read, int index)
    {
        try
        {
            return read();
        }
        catch (EndOfStreamException e)
        {
            throw new MediaException($"stdin ends inside frame {index}; check the size (--stdin-format), or the program that writes.", e);
        }
    }

    // The bytes looked at before the others.
    private sealed class HeadedStream(ReadOnlyMemory<byte> head, Stream rest) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_position == head.Length)
            {
                return rest.Read(buffer);
            }

            var count = Math.Min(buffer.Length, head.Length - _position);
            head.Span.Slice(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
