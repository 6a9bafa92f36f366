using System.Text;
using System.Text.Json.Nodes;
using HqTrack.Media;

namespace HqTrack.Exports;

/// <summary>
/// The growing parts of an export's file: only ever appended to, cut back to a known length when a run goes on, and put together into the
/// file that other programs read. They lie in the work folder.
/// </summary>
internal sealed class PartFiles : IDisposable
{
    private readonly string folder;
    private readonly SortedDictionary<string, FileStream> parts = new(StringComparer.Ordinal);

    /// <summary>Opens the parts of an export.</summary>
    /// <param name="target">Its target; parts that its state does not know are removed.</param>
    /// <param name="name">The export's name.</param>
    /// <exception cref="MediaException">The work folder cannot be written, or a part is shorter than the state says.</exception>
    public PartFiles(ExportTarget target, string name)
    {
        folder = target.PathOf(ExportTarget.WorkFolder, name);
        var lengths = target.State?["parts"]?.AsObject().ToDictionary(entry => entry.Key, entry => entry.Value!.GetValue<long>(), StringComparer.Ordinal) ?? [];
        Guarded(folder, () =>
        {
            Directory.CreateDirectory(folder);
            foreach (var file in Directory.GetFiles(folder).Where(file => !lengths.ContainsKey(Path.GetFileName(file))))
            {
                File.Delete(file);
            }
        });
        foreach (var (part, length) in lengths)
        {
            var stream = Open(part);
            if (stream.Length < length)
            {
                throw new MediaException($"'{PathOf(part)}' is {stream.Length} bytes, expected {length} or more; start anew (--no-resume).");
            }

            stream.SetLength(length);
            stream.Position = length;
        }
    }

    /// <summary>Names of the parts.</summary>
    public IEnumerable<string> Names => parts.Keys;

    /// <summary>Length of a part so far; 0 for one that is not there.</summary>
    public long Length(string part) => parts.TryGetValue(part, out var stream) ? stream.Position : 0;

    /// <summary>Appends text to a part.</summary>
    /// <exception cref="MediaException">The disk refuses.</exception>
    public void Append(string part, string text) => Append(part, Encoding.UTF8.GetBytes(text));

    /// <summary>Appends bytes to a part.</summary>
    /// <exception cref="MediaException">The disk refuses.</exception>
    public void Append(string part, byte[] bytes) => Guarded(PathOf(part), () => (parts.TryGetValue(part, out var stream) ? stream : Open(part)).Write(bytes));

    /// <summary>Hands everything to the operating system.</summary>
    /// <returns>The parts' lengths, as the constructor takes them.</returns>
    public JsonObject Checkpoint()
    {
        var lengths = new JsonObject();
        foreach (var (part, stream) in parts)
        {
            Guarded(PathOf(part), stream.Flush);
            lengths[part] = stream.Position;
        }

        return new() { ["parts"] = lengths };
    }

    /// <summary>Puts a file together, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="pieces">Text as it is, or the content of a part.</param>
    public void Assemble(string path, params IEnumerable<Piece> pieces) => AtomicFile.Write(path, target =>
    {
        foreach (var piece in pieces)
        {
            if (!piece.IsPart)
            {
                target.Write(piece.Bytes);
            }
            else if (parts.TryGetValue(piece.Name, out var stream))
            {
                stream.Flush();
                var end = stream.Position;
                stream.Position = 0;
                stream.CopyTo(target);
                stream.Position = end;
            }
        }
    });

    public void Dispose()
    {
        foreach (var stream in parts.Values)
        {
            try
            {
                stream.Dispose();
            }
            catch (IOException)
            {
                // The failure that brought us here is the one to report.
            }
        }

        parts.Clear();
    }

    private FileStream Open(string part) => parts[part] = new FileStream(PathOf(part), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);

    private string PathOf(string part) => Path.Combine(folder, part);

    private static void Guarded(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, e);
        }
    }
}

/// <summary>A piece of a file: text, or the content of a part.</summary>
internal readonly record struct Piece(bool IsPart, string Name, byte[] Bytes)
{
    /// <summary>The content of a part.</summary>
    public static Piece Of(string part) => new(true, part, []);

    public static implicit operator Piece(string text) => new(false, string.Empty, Encoding.UTF8.GetBytes(text));

    public static implicit operator Piece(byte[] bytes) => new(false, string.Empty, bytes);
}
