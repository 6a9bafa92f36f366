using HqTrack.Media.Video;

namespace HqTrack.Media;

/// <summary>
/// The frames of one video, in order and decoded only when they are asked for. All frames of a source have one size. Streams are
/// sources too: <see cref="Count"/> is null where the end is not known beforehand.
/// </summary>
public abstract class FrameSource
{
    /// <summary>What messages call the source: a path.</summary>
    public abstract string Name { get; }

    /// <summary>Number of frames, or null where it is not known before the end.</summary>
    public abstract int? Count { get; }

    /// <summary>Width of the frames in pixels; 0 until the first frame was decoded.</summary>
    public abstract int Width { get; }

    /// <summary>Height of the frames in pixels; 0 until the first frame was decoded.</summary>
    public abstract int Height { get; }

    /// <summary>Mean number of frames a second, where the source knows it.</summary>
    public virtual double? FramesPerSecond => null;

    /// <summary>Index of the last frame, where it is known beforehand.</summary>
    public virtual int? LastIndex => Count - 1;

    /// <summary>Whether the frames can be read once only, and only forwards.</summary>
    internal virtual bool PassesOnce => false;

    /// <summary>A short hash that tells the source's files from others under the same path, by their names and lengths; null where there are none.</summary>
    internal virtual string? FilesDigest => null;

    /// <summary>Bytes of the frames that are held at once while reading backwards, besides those handed out.</summary>
    internal virtual long BackwardBytes => 0;

    /// <summary>Whether a frame may come, for all that is known beforehand.</summary>
    internal virtual bool MayHold(int index) => index >= 0 && !(index > LastIndex);

    /// <summary>What other programs call a frame: the file's name, or a number.</summary>
    public virtual string FrameName(int index) => $"{index:D5}";

    /// <summary>
    /// Opens a video: a folder of JPEG, PNG or WebP images in natural order of their names, a single image, a text file (.txt) that lists
    /// images, an animated WebP or GIF, a camera (/dev/video0), or any video file that the program ffmpeg can read.
    /// </summary>
    /// <param name="path">Path of the folder, file or device.</param>
    /// <exception cref="MediaException">Nothing is there, the folder holds no image, the file is of a kind that is not read, or ffmpeg is missing.</exception>
    public static FrameSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return FolderSource.Open(path);
        }

        if (!File.Exists(path))
        {
            throw new MediaException($"'{path}' does not exist, expected a folder of images, a video file, a list of files (.txt) or a camera; check the path.");
        }

        if (CameraSource.IsCamera(path))
        {
            return new CameraSource(path);
        }

        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".txt" => FileList.Open(path),
            ".webp" or ".gif" => AnimationSource.TryOpen(path) ?? (FrameSource)new FolderSource(path, [path]),
            _ when ImageFile.HasImageExtension(path) => new FolderSource(path, [path]),
            _ => VideoSource.Open(path),
        };
    }

    /// <summary>Frames from a stream that passes once: JPEG or PPM pictures one after another, or a video that ffmpeg can read from a pipe.</summary>
    /// <param name="stream">The bytes; not disposed.</param>
    public static FrameSource FromStream(Stream stream) => new StreamSource(stream);

    /// <summary>Some of this source's frames, under the indices they have here.</summary>
    /// <param name="start">The first frame, from 0.</param>
    /// <param name="end">The last frame; null for the source's last.</param>
    /// <param name="every">Takes every n-th frame from the first on.</param>
    /// <exception cref="MediaException">No frame is left.</exception>
    public FrameSource Range(int start = 0, int? end = null, int every = 1) => new FrameRange(this, start, end, every);

    /// <summary>Takes image files as frames, in the order given.</summary>
    /// <exception cref="MediaException">The list is empty.</exception>
    public static FrameSource FromFiles(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return paths.Count > 0
            ? new FolderSource("list of files", paths)
            : throw new MediaException("the list of frames is empty, expected at least one image file; give the frames of the video.");
    }

    /// <summary>Decodes the frames from the first one on; each call starts anew where the source can be read again.</summary>
    /// <exception cref="MediaException">A frame cannot be read or has another size; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled between two frames.</exception>
    public abstract IEnumerable<Frame> Read(CancellationToken cancellationToken = default);

    /// <summary>Decodes the frames from index <paramref name="index"/> on.</summary>
    /// <exception cref="MediaException">A frame cannot be read or has another size; the message names it.</exception>
    public virtual IEnumerable<Frame> ReadFrom(int index, CancellationToken cancellationToken = default) => Read(cancellationToken).SkipWhile(frame => frame.Index < index);

    /// <summary>Decodes the frames from index <paramref name="index"/> down to the first.</summary>
    /// <exception cref="MediaException">The source is a stream that passes once, or a frame cannot be read.</exception>
    public virtual IEnumerable<Frame> ReadBackward(int index, CancellationToken cancellationToken = default) =>
        throw new MediaException($"'{Name}' passes only once and cannot be read backwards; save it as a file, or track forward only.");
}
