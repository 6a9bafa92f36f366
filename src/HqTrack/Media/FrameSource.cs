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

    /// <summary>Opens a video: a folder of JPEG, PNG or WebP images in natural order of their names, or a single image.</summary>
    /// <param name="path">Path of the folder or file.</param>
    /// <exception cref="MediaException">Nothing is there, the folder holds no image, or the file is of a kind that is not read.</exception>
    public static FrameSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return FolderSource.Open(path);
        }

        if (!File.Exists(path))
        {
            throw new MediaException($"'{path}' does not exist, expected a folder of JPEG, PNG or WebP images; check the path.");
        }

        return ImageFile.HasImageExtension(path)
            ? new FolderSource(path, [path])
            : throw new MediaException(
                $"'{path}' is a file of kind '{Path.GetExtension(path)}', expected a folder of JPEG, PNG or WebP images; " +
                $"make one: ffmpeg -i \"{Path.GetFileName(path)}\" -q:v 2 -start_number 0 frames/%05d.jpg");
    }

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
