using System.Collections.Concurrent;
using System.Security.Cryptography;
using HqTrack.Media;

namespace HqTrack.Web.Projects;

/// <summary>DATA/projects: a folder per project. One process writes there at a time; DATA/serve.lock says which.</summary>
internal sealed class ProjectStore : IDisposable
{
    private const string New = ".new-";
    private const string Gone = ".gone-";
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    private readonly string root;
    private readonly TimeProvider clock;
    private readonly FileStream held;
    private readonly ConcurrentDictionary<string, Lazy<Project>> projects = new(StringComparer.Ordinal);

    /// <summary>Opens the data folder.</summary>
    /// <exception cref="MediaException">It cannot be written, or another process serves it.</exception>
    public ProjectStore(string data, TimeProvider clock)
    {
        this.clock = clock;
        root = ProjectFolder.RootOf(data);
        AtomicFile.CreateFolder(root);
        try
        {
            held = new FileStream(Path.Combine(data, "serve.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new MediaException($"the data folder '{data}' is served by another process; stop that one, or choose another folder (--data).", e);
        }

        foreach (var folder in Directory.EnumerateDirectories(root))
        {
            var name = Path.GetFileName(folder);
            if (name.StartsWith(New, StringComparison.Ordinal) || name.StartsWith(Gone, StringComparison.Ordinal))
            {
                Directory.Delete(folder, recursive: true); // made or removed half when the process ended
            }
            else if (ProjectFolder.IsId(name) && File.Exists(new ProjectFolder(root, name).Journal))
            {
                projects[name] = Loading(name);
            }
        }
    }

    /// <summary>All projects, newest first.</summary>
    public IReadOnlyList<Project> All => [.. projects.Values.Select(project => project.Value).OrderByDescending(project => project.Created).ThenBy(project => project.Id, StringComparer.Ordinal)];

    /// <summary>Projects that were looked at since the start.</summary>
    public IEnumerable<Project> Loaded => projects.Values.Where(project => project.IsValueCreated).Select(project => project.Value);

    /// <summary>Number of projects.</summary>
    public int Count => projects.Count;

    /// <summary>A project; null where there is none of that id.</summary>
    public Project? Find(string id) => ProjectFolder.IsId(id) && projects.TryGetValue(id, out var project) ? project.Value : null;

    /// <summary>Makes a project; it is on the disk when this returns.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="by">Name of the token it came with.</param>
    /// <param name="prepare">Fills the folder and gives further edits before anybody sees the project.</param>
    public Project Create(string name, string? by, Func<ProjectFolder, IReadOnlyList<Edit>>? prepare = null)
    {
        var id = RandomNumberGenerator.GetString(Alphabet, 12);
        var folder = new ProjectFolder(root, New + id);
        AtomicFile.CreateFolder(folder.Root);
        var edits = prepare?.Invoke(folder) ?? [];
        var (journal, _) = Journal.Open(folder.Journal);
        var revision = 0;
        foreach (var edit in (Edit[])[new ProjectCreated(name), .. edits])
        {
            journal.Append(new(++revision, clock.GetUtcNow(), by, edit));
        }

        Directory.Move(folder.Root, new ProjectFolder(root, id).Root);
        return projects.GetOrAdd(id, Loading).Value;
    }

    /// <summary>Removes a project with everything in it.</summary>
    public void Delete(string id)
    {
        if (projects.TryRemove(id, out var project))
        {
            project.Value.Dispose();
            var gone = new ProjectFolder(root, Gone + id).Root;
            Directory.Move(project.Value.Folder.Root, gone);
            Directory.Delete(gone, recursive: true);
        }
    }

    public void Dispose()
    {
        foreach (var project in Loaded)
        {
            project.Dispose();
        }

        held.Dispose();
    }

    private Lazy<Project> Loading(string id) => new(() => new Project(id, new ProjectFolder(root, id), clock));
}
