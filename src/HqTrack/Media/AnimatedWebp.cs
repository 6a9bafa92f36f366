using System.Buffers.Binary;
using SkiaSharp;

namespace HqTrack.Media;

/// <summary>
/// Writes an animated WebP frame by frame. Only the frame at hand is in memory: SkiaSharp compresses it alone and the container around
/// the frames is written here (SkiaSharp's own <see cref="SKWebpEncoder.EncodeAnimated(ReadOnlySpan{SKWebpEncoderFrame}, SKWebpEncoderOptions)"/>
/// wants all frames of the clip at once). Source: WebP container specification, sections "Extended file format" and "Animation".
/// </summary>
internal sealed class AnimatedWebp : IDisposable
{
    private const int HeaderBytes = 12 + 18 + 14;       // RIFF, VP8X, ANIM
    private const int MaxSide = 16383;
    private const int DefaultQuality = 80;

    private readonly AtomicFile _file;
    private readonly int _milliseconds;
    private readonly SKWebpEncoderOptions _options;
    private int _width;
    private int _height;
    private int _frames;
    private long _position = HeaderBytes;
    private bool _failed;

    /// <summary>Starts a file, which appears under its name on <see cref="Dispose"/>.</summary>
    /// <param name="path">Path of the .webp file.</param>
    /// <param name="framesPerSecond">Speed; an animation has whole milliseconds per frame.</param>
    /// <param name="quality">0..100.</param>
    /// <exception cref="MediaException">The file cannot be written.</exception>
    public AnimatedWebp(string path, double framesPerSecond = 20, int quality = DefaultQuality)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(framesPerSecond);
        _milliseconds = Math.Max(1, (int)Math.Round(1000 / framesPerSecond));
        _options = new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, quality);
        _file = new AtomicFile(path);
        _file.Append(stream => stream.Write(new byte[HeaderBytes]));
    }

    /// <summary>Appends a frame; all have the size of the first.</summary>
    /// <exception cref="MediaException">The frame's size differs or is too large, or the disk refuses.</exception>
    public void Add(Frame frame)
    {
        if (_frames == 0)
        {
            (_width, _height) = (frame.Width, frame.Height);
        }

        if (frame.Width != _width || frame.Height != _height || Math.Max(_width, _height) > MaxSide)
        {
            throw new MediaException($"frame {frame.Index} is {frame.Width}x{frame.Height}, expected {_width}x{_height} like the animation's first and at most {MaxSide} a side; scale the frames.");
        }

        var chunk = Chunk(frame, _milliseconds, _options);
        if (_position + chunk.Length > uint.MaxValue)
        {
            throw new MediaException($"the animation exceeds the 4 GiB of a WebP file at frame {frame.Index}; export fewer or smaller frames.");
        }

        Write(stream => stream.Write(chunk));
        _position += chunk.Length;
        _frames++;
    }

    /// <summary>Finishes the file; where no frame was added or a write had failed, none appears.</summary>
    /// <exception cref="MediaException">The disk refuses the last bytes.</exception>
    public void Dispose()
    {
        using (_file)
        {
            if (_frames > 0 && !_failed)
            {
                Write(stream =>
                {
                    stream.Position = 0;
                    stream.Write(Header(_width, _height, _position - HeaderBytes));
                });
                _file.Commit();
                _frames = 0;
            }
        }
    }

    /// <summary>What stands before the frames.</summary>
    /// <param name="width">Of every frame, pixels.</param>
    /// <param name="height">Likewise.</param>
    /// <param name="length">Bytes of all the frames' chunks.</param>
    public static byte[] Header(int width, int height, long length)
    {
        var header = new byte[HeaderBytes];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), (uint)(HeaderBytes + length - 8));
        "WEBPVP8X"u8.CopyTo(header.AsSpan(8));
        header[16] = 10;
        header[20] = 0b10;                                                  // animation
        WriteInt24(header.AsSpan(24), width - 1);
        WriteInt24(header.AsSpan(27), height - 1);
        "ANIM"u8.CopyTo(header.AsSpan(30));
        header[34] = 6;                                                     // background 0, loop count 0 = for ever
        return header;
    }

    /// <summary>A frame as a chunk of an animation.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="milliseconds">How long it is shown.</param>
    /// <param name="options">Null for the default quality.</param>
    /// <exception cref="MediaException">The frame is too large.</exception>
    public static byte[] Chunk(Frame frame, int milliseconds, SKWebpEncoderOptions? options = null)
    {
        var image = Compress(frame, options ?? new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, DefaultQuality));
        var chunk = new byte[24 + image.Length];
        "ANMF"u8.CopyTo(chunk);
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(4), 16 + image.Length);
        WriteInt24(chunk.AsSpan(14), frame.Width - 1);                      // at the origin
        WriteInt24(chunk.AsSpan(17), frame.Height - 1);
        WriteInt24(chunk.AsSpan(20), milliseconds);
        chunk[23] = 0b10;                                                   // do not blend with the frame before
        image.CopyTo(chunk, 24);
        return chunk;
    }

    // The chunk "VP8 " of the file that a single frame compresses to, padded to an even length.
    private static byte[] Compress(Frame frame, SKWebpEncoderOptions options)
    {
        using var bitmap = ImageFile.ToBitmap(frame);
        using var pixmap = bitmap.PeekPixels();
        using var data = SKWebpEncoder.Encode(pixmap, options)
            ?? throw new MediaException($"frame {frame.Index} ({frame.Width}x{frame.Height}) cannot be encoded as WebP; scale it down.");
        var file = data.Span;
        for (var at = 12; at + 8 <= file.Length;)
        {
            var length = 8 + BinaryPrimitives.ReadInt32LittleEndian(file[(at + 4)..]);
            length += length & 1;
            if (file.Slice(at, 4).SequenceEqual("VP8 "u8))
            {
                return file.Slice(at, length).ToArray();
            }

            at += length;
        }

        throw new MediaException($"frame {frame.Index} was encoded as a WebP without a picture; use another export.");
    }

    private void Write(Action<Stream> write)
    {
        try
        {
            _file.Append(write);
        }
        catch
        {
            _failed = true;
            throw;
        }
    }

    private static void WriteInt24(Span<byte> target, int value)
    {
        target[0] = (byte)value;
        target[1] = (byte)(value >> 8);
        target[2] = (byte)(value >> 16);
    }
}
