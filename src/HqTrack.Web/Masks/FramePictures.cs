using HqTrack.Media;
using HqTrack.Web.Projects;
using SkiaSharp;

namespace HqTrack.Web.Masks;

/// <summary>Frames as JPEG files in the sizes that a page asks for. Each is made the first time and kept.</summary>
internal static class FramePictures
{
    private const int Quality = 85;
    private const int OwnSize = 0;

    /// <summary>File of a frame.</summary>
    /// <param name="folder">The project's.</param>
    /// <param name="state">The project.</param>
    /// <param name="index">The frame.</param>
    /// <param name="width">Pixels; null for its own. Frames are not enlarged.</param>
    /// <exception cref="MediaException">The frame cannot be read, or the file not be written.</exception>
    public static string PathOf(ProjectFolder folder, ProjectState state, int index, int? width)
    {
        var frames = new ProjectFrames(folder, state);
        var isSmaller = width < state.Width;
        if (!isSmaller && frames.Path(index).EndsWith(".jpg", StringComparison.Ordinal))
        {
            return Path.GetFullPath(frames.Path(index));
        }

        var path = Path.GetFullPath(folder.Cached(isSmaller ? width!.Value : OwnSize, index));
        if (!File.Exists(path))
        {
            var frame = frames.Load(index);
            AtomicFile.Write(path, isSmaller ? Shrink(frame, width!.Value) : ImageFile.EncodeJpeg(frame, Quality));
        }

        return path;
    }

    private static byte[] Shrink(Frame frame, int width)
    {
        var height = Math.Max(1, (int)Math.Round((double)frame.Height * width / frame.Width));
        using var bitmap = ImageFile.ToBitmap(frame);
        using var small = bitmap.Resize(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear))
            ?? throw new MediaException($"frame {frame.Index} cannot be scaled to {width}x{height}; ask for it at its own size.");
        using var pixmap = small.PeekPixels();
        using var data = pixmap.Encode(new SKJpegEncoderOptions(Quality));
        return data!.ToArray();
    }
}
