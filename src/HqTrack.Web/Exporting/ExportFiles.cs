using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using HqTrack.Exports;
using HqTrack.Media;
using HqTrack.Web.Projects;

namespace HqTrack.Web.Exporting;

/// <summary>What was asked for.</summary>
/// <param name="Format">Name of an <see cref="ExportKind"/>.</param>
/// <param name="Revision">The project's, whose masks are written.</param>
/// <param name="At">When.</param>
internal sealed record ExportRequest(string Format, int Revision, DateTimeOffset At);

/// <summary>How an export ended.</summary>
/// <param name="File">Name of the result in the export's folder; null where it failed.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Error">One line; null where it did not fail.</param>
internal sealed record ExportEnd(string? File, long Bytes, string? Error);

/// <summary>exports/ID: request.json, the result, end.json.</summary>
internal sealed partial class ExportFiles(ProjectFolder folder, string id)
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    public string Root { get; } = IsId(id) ? Path.Combine(folder.Exports, id) : throw new ArgumentException($"'{id}' is no export's id.", nameof(id));

    public string Work => Path.Combine(Root, "work");

    private string RequestPath => Path.Combine(Root, "request.json");

    private string EndPath => Path.Combine(Root, "end.json");

    /// <summary>Whether a text can be an export's id.</summary>
    public static bool IsId(string text) => Id().IsMatch(text);

    /// <summary>An id that is free.</summary>
    public static string NewId() => RandomNumberGenerator.GetString(Alphabet, 12);

    /// <summary>Ids of a project's exports.</summary>
    public static IEnumerable<string> All(ProjectFolder folder) =>
        Directory.Exists(folder.Exports) ? Directory.EnumerateDirectories(folder.Exports).Select(path => Path.GetFileName(path)!).Where(IsId) : [];

    /// <summary>Ids of those that have not ended.</summary>
    public static IEnumerable<string> Unfinished(ProjectFolder folder) =>
        All(folder).Where(id => new ExportFiles(folder, id) is var files && files.Request() is not null && files.End() is null);

    public ExportRequest? Request() => Read<ExportRequest>(RequestPath);

    public ExportEnd? End() => Read<ExportEnd>(EndPath);

    public void Write(ExportRequest request) => AtomicFile.Write(RequestPath, JsonSerializer.SerializeToUtf8Bytes(request, Journal.Format));

    public void Write(ExportEnd end) => AtomicFile.Write(EndPath, JsonSerializer.SerializeToUtf8Bytes(end, Journal.Format));

    private static T? Read<T>(string path)
        where T : class => File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Journal.Format) : null;

    [GeneratedRegex("^[a-z0-9]{12}$", RegexOptions.CultureInvariant)]
    private static partial Regex Id();
}
