namespace HqTrack.Media;

/// <summary>Writes a file whole or not at all: into a temporary file of the same folder, which then takes the name.</summary>
internal static class AtomicFile
{
    private const int DiskFullUnix = 28;            // ENOSPC
    private const int ReadOnlyUnix = 30;            // EROFS
    private const int QuotaUnix = 122;              // EDQUOT
    private const int DiskFullWindows = unchecked((int)0x80070070);

    /// <summary>Calls <paramref name="write"/> with the temporary file and renames it; the folder is made where it is missing.</summary>
    /// <exception cref="MediaException">The folder or the disk refuses; a file that had the name before is untouched.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full) ?? throw new MediaException($"'{path}' is a folder, expected the name of a file to write; give one.");
        var temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e)
        {
            TryDelete(temporary);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new MediaException(Explain(path, folder, e), e);
            }

            throw;
        }
    }

    /// <summary>As the other overload, for content that is already in memory.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        // A span cannot be captured; the copy is small next to the disk.
        var bytes = content.ToArray();
        Write(path, stream => stream.Write(bytes));
    }

    private static string Explain(string path, string folder, Exception e) => e switch
    {
        { HResult: DiskFullUnix or DiskFullWindows } => $"cannot write '{path}': the disk is full; free some space or choose another output folder.",
        { HResult: QuotaUnix } => $"cannot write '{path}': the disk quota is used up; free some space or choose another output folder.",
        UnauthorizedAccessException or { HResult: ReadOnlyUnix } =>
            $"cannot write '{path}': no permission to write in '{folder}'; choose another output folder or change its permissions.",
        _ => $"cannot write '{path}': {OneLine(e.Message)}; check that '{folder}' can be a folder and can be written.",
    };

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is the one to report.
        }
    }
}
