using System.Globalization;
using System.Text.RegularExpressions;

namespace HqTrack.Web.Projects;

/// <summary>Where everything of a project lies. Names are made here from numbers and hashes alone; nothing of a request becomes part of a path.</summary>
/// <param name="root">DATA/projects.</param>
/// <param name="id">The project's id, checked.</param>
internal sealed partial class ProjectFolder(string root, string id)
{
    public string Root { get; } = Path.Combine(root, id);

    public string Journal => Path.Combine(Root, "journal.jsonl");

    public string Uploads => Path.Combine(Root, "uploads");

    public string Exports => Path.Combine(Root, "exports");

    /// <summary>The folder of all projects in a data folder.</summary>
    public static string RootOf(string data) => Path.Combine(data, "projects");

    /// <summary>A project's folder in a data folder; null where there is no such project. For processes that do not edit: workers.</summary>
    public static ProjectFolder? Find(string data, string id) => IsId(id) && new ProjectFolder(RootOf(data), id) is var folder && File.Exists(folder.Journal) ? folder : null;

    /// <summary>Whether a text is an id that <see cref="ProjectStore"/> gives.</summary>
    public static bool IsId(string text) => Id().IsMatch(text);

    public string Frame(int index, string extension) => Path.Combine(Root, "frames", Number(index) + extension);

    public string Cached(int width, int index) => Path.Combine(Root, "cache", $"w{width.ToString(CultureInfo.InvariantCulture)}", Number(index) + ".jpg");

    /// <summary>A blob by its hash.</summary>
    /// <exception cref="ArgumentException">The text is no hash.</exception>
    public string Blob(string sha256) => Hash().IsMatch(sha256)
        ? Path.Combine(Root, "blobs", sha256 + ".png")
        : throw new ArgumentException($"'{sha256}' is no SHA-256 hash in lower case.", nameof(sha256));

    /// <summary>Folder of a run's results.</summary>
    public string Run(int number) => Path.Combine(Root, "runs", number.ToString(CultureInfo.InvariantCulture));

    private static string Number(int index) => index.ToString("D6", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[a-z0-9]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();

    [GeneratedRegex(@"^[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hash();
}
