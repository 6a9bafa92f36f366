using System.Text.Json;
using System.Text.Json.Serialization;
using HqTrack.Media;

namespace HqTrack.Web.Projects;

/// <summary>
/// journal.jsonl: the edits of a project, a line each, only ever appended to. An edit is on the disk before it is acknowledged; a line that a
/// crash cut short was never acknowledged and is dropped.
/// </summary>
internal sealed class Journal
{
    /// <summary>The form of an entry, and of everything else that is kept as JSON in a project's folder.</summary>
    public static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        AllowOutOfOrderMetadataProperties = true,
    };

    private readonly string path;

    private Journal(string path) => this.path = path;

    /// <summary>Opens a journal for its one writer, or starts it.</summary>
    /// <returns>The journal and its entries so far.</returns>
    /// <exception cref="MediaException">It is damaged, or cannot be opened.</exception>
    public static (Journal Journal, IReadOnlyList<JournalEntry> Entries) Open(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            var (entries, length) = Parse(path, ReadAll(stream));
            stream.SetLength(length);
            return (new(path), entries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, e);
        }
    }

    /// <summary>Reads the entries that are whole, beside a writer.</summary>
    /// <exception cref="MediaException">It is damaged or cannot be read.</exception>
    public static IReadOnlyList<JournalEntry> Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Parse(path, ReadAll(stream)).Entries;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MediaException($"'{path}' cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Appends an entry and hands it to the disk.</summary>
    /// <exception cref="MediaException">The disk refuses; the journal is as before.</exception>
    public void Append(JournalEntry entry)
    {
        try
        {
            // Opened for each edit: a server may have thousands of projects and not as many handles. It is not made: without it the project is gone.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
            var start = stream.Seek(0, SeekOrigin.End);
            try
            {
                stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(entry, Format), (byte)'\n']);
                stream.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                stream.SetLength(start);
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, e);
        }
    }

    private static byte[] ReadAll(FileStream stream)
    {
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static (IReadOnlyList<JournalEntry> Entries, long Length) Parse(string path, ReadOnlySpan<byte> bytes)
    {
        var entries = new List<JournalEntry>();
        var at = 0;
        for (int end; (end = bytes[at..].IndexOf((byte)'\n')) >= 0; at += end + 1)
        {
            try
            {
                var entry = JsonSerializer.Deserialize<JournalEntry>(bytes.Slice(at, end), Format)!;
                entries.Add(entry.Revision == entries.Count + 1 ? entry : throw new JsonException($"revision {entry.Revision}, expected {entries.Count + 1}"));
            }
            catch (Exception e) when (e is JsonException or NotSupportedException)
            {
                throw new MediaException($"'{path}' is damaged in line {entries.Count + 1} ({e.Message.ReplaceLineEndings(" ")}); restore it from a backup, or move the project's folder away.", e);
            }
        }

        return (entries, at);
    }
}
