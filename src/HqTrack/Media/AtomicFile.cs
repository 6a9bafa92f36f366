namespace HqTrack.Media;

/// <summary>
/// A file that appears whole or not at all: written under a temporary name in the same folder, it takes its own name on
/// <see cref="Commit"/>; disposed before that, it leaves nothing behind and an older file of that name untouched.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private const int DiskFullUnix = 28;            // ENOSPC
    private const int ReadOnlyUnix = 30;            // EROFS
    private const int QuotaUnix = 122;              // EDQUOT
    private const int DiskFullWindows = unchecked((int)0x80070070);

    private readonly string _path;
    private readonly string _temporary;
    private FileStream? _stream;

    /// <summary>Opens the temporary file; the folder is made where it is missing.</summary>
    /// <exception cref="MediaException">The folder cannot be made or written.</exception>
    public AtomicFile(string path)
    {
        _path = Path.GetFullPath(path);
        _temporary = Path.Combine(Folder, $".{Path.GetFileName(_path)}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp");
        Guard(() =>
        {
            Directory.CreateDirectory(Folder);
            _stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        });
    }

    private string Folder => Path.GetDirectoryName(_path) ?? throw new MediaException($"'{_path}' is a folder, expected the name of a file to write; give one.");

    /// <summary>Writes a file in one go.</summary>
    /// <exception cref="MediaException">The folder or the disk refuses.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new AtomicFile(path);
        file.Append(write);
        file.Commit();
    }

    /// <summary>Writes a file in one go.</summary>
    /// <exception cref="MediaException">The folder or the disk refuses.</exception>
    public static void Write(string path, byte[] content) => Write(path, stream => stream.Write(content));

    /// <summary>Makes a folder for outputs where it is missing.</summary>
    /// <exception cref="MediaException">It cannot be made.</exception>
    public static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MediaException(Explain(folder, folder, e), e);
        }
    }

    /// <summary>
    /// Removes the temporary files in a folder (not below it) of processes that were killed. For the folder's only writer: a process on
    /// another machine that writes there too cannot be seen from here.
    /// </summary>
    public static void RemoveLeftovers(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, ".*.tmp").ToList())
        {
            var parts = Path.GetFileName(path).Split('.');
            if (parts.Length >= 5 && Guid.TryParseExact(parts[^2], "N", out _) && int.TryParse(parts[^3], out var process) && !IsRunning(process))
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Hands the stream to <paramref name="write"/>; what the disk refuses becomes a <see cref="MediaException"/>.</summary>
    public void Append(Action<Stream> write) => Guard(() => write(_stream ?? throw new ObjectDisposedException(nameof(AtomicFile))));

    /// <summary>Gives the file its name, replacing one that is there.</summary>
    /// <exception cref="MediaException">The disk refuses; nothing is left behind.</exception>
    public void Commit() => Guard(() =>
    {
        _stream?.Dispose();
        _stream = null;
        File.Move(_temporary, _path, overwrite: true);
    });

    /// <summary>Removes the temporary file where it was not committed.</summary>
    public void Dispose() => Discard();

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>What the disk refused, as one line with what to do.</summary>
    public static MediaException Failure(string path, Exception e) => new(Explain(path, Path.GetDirectoryName(Path.GetFullPath(path)) ?? path, e), e);

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            Discard();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new MediaException(Explain(_path, Folder, e), e);
            }

            throw;
        }
    }

    private void Discard()
    {
        try
        {
            _stream?.Dispose();
            File.Delete(_temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is the one to report.
        }

        _stream = null;
    }

    private static string Explain(string path, string folder, Exception e) => e switch
    {
        { HResult: DiskFullUnix or DiskFullWindows } => $"cannot write '{path}': the disk is full; free some space or choose another output folder.",
        { HResult: QuotaUnix } => $"cannot write '{path}': the disk quota is used up; free some space or choose another output folder.",
        UnauthorizedAccessException or { HResult: ReadOnlyUnix } =>
            $"cannot write '{path}': no permission to write in '{folder}'; choose another output folder or change its permissions.",
        _ => $"cannot write '{path}': {e.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ')}; check that '{folder}' can be a folder and can be written.",
    };
}
