using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using HqTrack.Media;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Ingest;

/// <summary>What a client wants to send.</summary>
/// <param name="Name">The file's name, for display only.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Of the whole, hexadecimal.</param>
/// <param name="At">When it was announced.</param>
internal sealed record UploadRequest(string Name, long Size, string Sha256, DateTimeOffset At);

/// <summary>What became of an upload.</summary>
/// <param name="First">Index of its first frame; null where it failed.</param>
/// <param name="Count">Its frames.</param>
/// <param name="Error">One line; null where it did not fail.</param>
internal sealed record UploadEnd(int? First, int Count, string? Error);

/// <summary>uploads/ID: request.json, the bytes so far, end.json. The id follows from name and hash: the same file again is the same upload.</summary>
internal sealed partial class UploadFiles(ProjectFolder folder, string id)
{
    public string Id { get; } = id;

    public string Root { get; } = IsId(id) ? Path.Combine(folder.Uploads, id) : throw new ArgumentException($"'{id}' is no upload's id.", nameof(id));

    public string Data => Path.Combine(Root, "data");

    /// <summary>Bytes so far.</summary>
    public long Offset => new FileInfo(Data) is { Exists: true } file ? file.Length : 0;

    private string RequestPath => Path.Combine(Root, "request.json");

    private string EndPath => Path.Combine(Root, "end.json");

    /// <summary>Whether a text can be an upload's id.</summary>
    public static bool IsId(string text) => IdText().IsMatch(text);

    /// <summary>The id of a file.</summary>
    public static string IdOf(string name, string sha256) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{sha256} {name}")))[..24];

    /// <summary>Ids of a project's uploads.</summary>
    public static IEnumerable<string> All(ProjectFolder folder) =>
        Directory.Exists(folder.Uploads) ? Directory.EnumerateDirectories(folder.Uploads).Select(path => Path.GetFileName(path)!).Where(IsId) : [];

    /// <summary>Ids of those that are here whole and have not become frames yet.</summary>
    public static IEnumerable<string> Unfinished(ProjectFolder folder) =>
        All(folder).Where(id => new UploadFiles(folder, id) is var files && files.Request() is { } request && files.Offset == request.Size && files.End() is null);

    public UploadRequest? Request() => Read<UploadRequest>(RequestPath);

    public UploadEnd? End() => Read<UploadEnd>(EndPath);

    public void Write(UploadRequest request) => AtomicFile.Write(RequestPath, JsonSerializer.SerializeToUtf8Bytes(request, Journal.Format));

    public void Write(UploadEnd end)
    {
        AtomicFile.Write(EndPath, JsonSerializer.SerializeToUtf8Bytes(end, Journal.Format));
        File.Delete(Data); // frames are kept, the file they came in is not
    }

    /// <summary>Forgets everything.</summary>
    public void Delete()
    {
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    private static T? Read<T>(string path)
        where T : class => File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Journal.Format) : null;

    [GeneratedRegex("^[0-9a-f]{24}$", RegexOptions.CultureInvariant)]
    private static partial Regex IdText();
}
