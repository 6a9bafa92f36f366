using HqTrack.Media;
using HqTrack.Web.Projects;
using SkiaSharp;

namespace HqTrack.Web.Ingest;

/// <summary>Where the frames of a file go: behind those a project has. Sizes are read from headers and checked before pixels are decoded.</summary>
internal sealed class FrameTarget(ProjectFolder folder, ProjectState state, ServeLimits limits)
{
    private const int JpegQuality = 95;

    /// <summary>Writes a file's frames.</summary>
    /// <param name="path">The file, whatever its name.</param>
    /// <param name="request">What the client said of it.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The edit that makes them frames.</returns>
    /// <exception cref="IngestException">It is too large, too long, of another size, or nothing that can be read.</exception>
    /// <exception cref="MediaException">It is damaged.</exception>
    public FramesAdded Add(string path, UploadRequest request, CancellationToken cancellation)
    {
        using var codec = SKCodec.Create(path);
        if (codec is null)
        {
            return new VideoDecoder(limits).Decode(path, request, this, state, cancellation);
        }

        CheckSize(request.Name, codec.Info.Width, codec.Info.Height);
        var extension = codec.EncodedFormat switch
        {
            SKEncodedImageFormat.Jpeg => ".jpg",
            SKEncodedImageFormat.Png => ".png",
            SKEncodedImageFormat.Webp => ".webp",
            SKEncodedImageFormat.Gif => ".gif",
            _ => throw new IngestException($"'{request.Name}' is a {codec.EncodedFormat} image, expected JPEG, PNG, WebP or a video; convert it."),
        };
        CheckCount(request.Name, Math.Max(1, codec.FrameCount));
        return codec.FrameCount > 1 ? Animation(path, request, cancellation) : Image(path, extension, codec.EncodedOrigin, request);
    }

    /// <summary>Where a video is decoded to before its frames take their places; one at a time in a project.</summary>
    public string Decoding => Path.Combine(folder.Uploads, "decoding");

    /// <summary>File of the n-th new frame.</summary>
    public string PathOf(int n, string extension) => folder.Frame(state.FrameCount + n, extension);

    /// <summary>Refuses frames that are too large or not of the project's size.</summary>
    /// <exception cref="IngestException">They are.</exception>
    public void CheckSize(string name, int width, int height)
    {
        if ((long)width * height > limits.Pixels)
        {
            throw new IngestException($"'{name}' is {width}x{height}, expected at most {limits.Pixels / 1_000_000} million pixels; scale it down.");
        }

        if (state.Width != 0 && (width, height) != (state.Width, state.Height))
        {
            throw new IngestException($"'{name}' is {width}x{height}, expected {state.Width}x{state.Height} like the project's frames; scale it, or make another project for it.");
        }
    }

    /// <summary>Refuses more frames than a project may have.</summary>
    /// <exception cref="IngestException">They are more.</exception>
    public void CheckCount(string name, int count)
    {
        if (state.FrameCount + count > limits.Frames)
        {
            throw new IngestException($"'{name}' has {count} frames, and a project may have {limits.Frames} ({state.FrameCount} are there); cut it, or make another project for it.");
        }
    }

    // Decoded once, so that a damaged file is refused now. The bytes are kept as they are where browsers and the tracker see the same picture in them.
    private FramesAdded Image(string path, string extension, SKEncodedOrigin origin, UploadRequest request)
    {
        var frame = ImageFile.Read(path);
        if (origin != SKEncodedOrigin.TopLeft)
        {
            frame = Upright(frame, origin);
            CheckSize(request.Name, frame.Width, frame.Height);
            extension = ".jpg";
            ImageFile.WriteJpeg(PathOf(0, extension), frame, JpegQuality);
        }
        else if (extension == ".gif")
        {
            extension = ".png";
            ImageFile.WritePng(PathOf(0, extension), frame);
        }
        else
        {
            AtomicFile.Write(PathOf(0, extension), target =>
            {
                using var source = File.OpenRead(path);
                source.CopyTo(target);
            });
        }

        return new(state.FrameCount, 1, request.Name, extension, frame.Width, frame.Height, null, request.Sha256);
    }

    private FramesAdded Animation(string path, UploadRequest request, CancellationToken cancellation)
    {
        var source = AnimationSource.TryOpen(path)!;
        var count = 0;
        foreach (var frame in source.Read(cancellation))
        {
            ImageFile.WriteJpeg(PathOf(count++, ".jpg"), frame, JpegQuality);
        }

        return new(state.FrameCount, count, request.Name, ".jpg", source.Width, source.Height, source.FramesPerSecond ?? 10, request.Sha256);
    }

    // Cameras store pictures as the sensor lies and say how to turn them.
    private static Frame Upright(Frame frame, SKEncodedOrigin origin)
    {
        var swaps = origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        var (width, height) = swaps ? (frame.Height, frame.Width) : (frame.Width, frame.Height);
        var rgb = new byte[frame.Rgb.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (sx, sy) = origin switch
                {
                    SKEncodedOrigin.TopRight => (width - 1 - x, y),
                    SKEncodedOrigin.BottomRight => (width - 1 - x, height - 1 - y),
                    SKEncodedOrigin.BottomLeft => (x, height - 1 - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, width - 1 - x),
                    SKEncodedOrigin.RightBottom => (height - 1 - y, width - 1 - x),
                    SKEncodedOrigin.LeftBottom => (height - 1 - y, x),
                    _ => (x, y),
                };
                frame.Rgb.AsSpan(((sy * frame.Width) + sx) * 3, 3).CopyTo(rgb.AsSpan(((y * width) + x) * 3));
            }
        }

        return new(rgb, width, height);
    }
}
