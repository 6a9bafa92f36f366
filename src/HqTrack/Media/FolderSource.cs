using System.Security.Cryptography;
using System.Text;

namespace HqTrack.Media;

/// <summary>Image files as the frames of a video; any frame can be loaded at any time and from any thread.</summary>
internal sealed class FolderSource : FrameSource
{
    private readonly string[] _paths;
    private long _size;     // width << 32 | height of the first frame decoded; 0 before

    /// <summary>Takes files in the order given; at least one.</summary>
    public FolderSource(string name, IEnumerable<string> paths)
    {
        Name = name;
        _paths = [.. paths];
    }

    public override string Name { get; }

    public override int? Count => _paths.Length;

    public override int Width => (int)(Volatile.Read(ref _size) >> 32);

    public override int Height => (int)Volatile.Read(ref _size);

    public override string FrameName(int index) => Path.GetFileName(_paths[index]);

    internal override string? FilesDigest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', _paths.Select(path => $"{Path.GetFileName(path)} {Length(path)}")))))[..16];

    /// <summary>The files, in the order of the frames.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>Lists a folder's images in natural order; hidden files and other kinds of file are passed over.</summary>
    /// <exception cref="MediaException">The folder is missing, cannot be listed, holds no image, or holds one name in two formats.</exception>
    public static new FolderSource Open(string folder)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(folder).Where(f => ImageFile.HasImageExtension(f) && !Path.GetFileName(f).StartsWith('.'))];
        }
        catch (DirectoryNotFoundException e)
        {
            throw new MediaException($"the folder '{folder}' does not exist, expected one with JPEG, PNG or WebP images; check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MediaException($"the folder '{folder}' cannot be listed: {e.Message.ReplaceLineEndings(" ")}", e);
        }

        if (files.Length == 0)
        {
            throw new MediaException($"the folder '{folder}' holds no image, expected JPEG, PNG or WebP files; give the folder that holds the frames themselves.");
        }

        Array.Sort(files, NaturalOrder.Instance);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (!names.TryAdd(Path.GetFileNameWithoutExtension(file), file))
            {
                // Frames and masks side by side: taking the masks as frames would go unnoticed.
                var other = Path.GetFileName(names[Path.GetFileNameWithoutExtension(file)]);
                throw new MediaException($"the folder '{folder}' holds both '{other}' and '{Path.GetFileName(file)}', expected one image per frame; move masks and copies to another folder.");
            }
        }

        return new FolderSource(folder, files);
    }

    /// <summary>Decodes frame <paramref name="index"/>, 0..Count-1.</summary>
    /// <exception cref="MediaException">The file cannot be read or its size is not that of the first frame decoded.</exception>
    public Frame Load(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _paths.Length);
        Frame frame;
        try
        {
            frame = ImageFile.Read(_paths[index], index);
        }
        catch (MediaException e)
        {
            throw new MediaException($"frame {index}: {e.Message}", e);
        }

        var size = ((long)frame.Width << 32) | (uint)frame.Height;
        var first = Interlocked.CompareExchange(ref _size, size, 0);
        if (first != 0 && first != size)
        {
            throw new MediaException(
                $"frame {index}: '{_paths[index]}' is {frame.Width}x{frame.Height}, expected {first >> 32}x{(int)first} like the frames before it; " +
                "scale all frames to one size, or track the parts as separate videos.");
        }

        return frame;
    }

    public override IEnumerable<Frame> Read(CancellationToken cancellationToken = default) => ReadFrom(0, cancellationToken);

    public override IEnumerable<Frame> ReadFrom(int index, CancellationToken cancellationToken = default)
    {
        for (var i = index; i < _paths.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Load(i);
        }
    }

    public override IEnumerable<Frame> ReadBackward(int index, CancellationToken cancellationToken = default)
    {
        for (var i = Math.Min(index, _paths.Length - 1); i >= 0; i--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Load(i);
        }
    }

    // A file that cannot be asked is told of when its frame is decoded.
    private static long Length(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }
}
