using System.Runtime.InteropServices;
using SkiaSharp;

namespace HqTrack.Media;

/// <summary>An animated WebP or GIF, without ffmpeg. Each frame is the whole picture as it is shown; transparency is dropped, as in still images.</summary>
internal sealed class AnimationSource : FrameSource
{
    private readonly byte[] _file;
    private readonly SKCodecFrameInfo[] _frames;

    private AnimationSource(string path, byte[] file, SKImageInfo info, SKCodecFrameInfo[] frames)
    {
        Name = path;
        _file = file;
        _frames = frames;
        (Width, Height) = (info.Width, info.Height);
    }

    public override string Name { get; }

    public override int? Count => _frames.Length;

    public override int Width { get; }

    public override int Height { get; }

    public override double? FramesPerSecond => _frames.Sum(frame => frame.Duration) is > 0 and var total ? _frames.Length * 1000.0 / total : null;

    /// <summary>Opens a file; null where it is a still image.</summary>
    /// <exception cref="MediaException">It cannot be read or is damaged.</exception>
    public static AnimationSource? TryOpen(string path)
    {
        var file = ImageFile.ReadBytes(path);
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data) ?? throw new MediaException($"'{path}' is not an image or animation ({file.Length} bytes), expected a WebP or GIF; replace the file.");
        return codec.FrameCount > 1 ? new AnimationSource(path, file, codec.Info, codec.FrameInfo) : null;
    }

    public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default)
    {
        using var data = SKData.CreateCopy(_file);
        using var codec = SKCodec.Create(data);
        var info = new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        var canvas = new byte[info.BytesSize];
        var time = TimeSpan.Zero;
        for (var i = 0; i < _frames.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Decode(codec, info, canvas, i);
            yield return new Frame(DropAlpha(canvas), Width, Height, i, time);
            time += TimeSpan.FromMilliseconds(_frames[i].Duration);
        }
    }

    public override IEnumerable<Frame> ReadBackward(int index, CancellationToken cancellationToken = default)
    {
        // Frames build on those before them, so each is drawn from the start of what it needs; animations are short.
        using var data = SKData.CreateCopy(_file);
        using var codec = SKCodec.Create(data);
        var info = new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        for (var i = Math.Min(index, _frames.Length - 1); i >= 0; i--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var canvas = new byte[info.BytesSize];
            Decode(codec, info, canvas, i, alone: true);
            yield return new Frame(DropAlpha(canvas), Width, Height, i, TimeSpan.FromMilliseconds(_frames.Take(i).Sum(frame => frame.Duration)));
        }
    }

    // The canvas holds the frame before; the codec draws over it what changes. Where it needs another one it starts from that by itself.
    private unsafe void Decode(SKCodec codec, SKImageInfo info, byte[] canvas, int index, bool alone = false)
    {
        var prior = !alone && _frames[index].RequiredFrame == index - 1 ? index - 1 : -1;
        fixed (byte* pixels = canvas)
        {
            var result = codec.GetPixels(info, (nint)pixels, info.RowBytes, new SKCodecOptions(index, prior));
            if (result != SKCodecResult.Success)
            {
                throw new MediaException($"'{Name}' {(result == SKCodecResult.IncompleteInput ? "is cut short" : "is damaged")} at frame {index}; replace the file.");
            }
        }
    }

    private static byte[] DropAlpha(byte[] rgba)
    {
        var rgb = GC.AllocateUninitializedArray<byte>(rgba.Length / 4 * 3);
        ReadOnlySpan<uint> pixels = MemoryMarshal.Cast<byte, uint>(rgba);
        for (var i = 0; i < pixels.Length; i++)
        {
            (rgb[i * 3], rgb[(i * 3) + 1], rgb[(i * 3) + 2]) = ((byte)pixels[i], (byte)(pixels[i] >> 8), (byte)(pixels[i] >> 16));
        }

        return rgb;
    }
}
