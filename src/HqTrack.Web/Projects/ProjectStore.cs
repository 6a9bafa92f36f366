using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using HqTrack.Media;

namespace HqTrack.Web.Projects;

/// <summary>
/// DATA/projects: a folder per project. One process edits projects at a time; DATA/serve.lock says which. Others may put whole projects there
/// (<see cref="NewProject"/>): they are found when they are looked for.
/// </summary>
internal sealed class ProjectStore : IDisposable
{
    private const string Gone = ".gone-";

    private readonly string root;
    private readonly TimeProvider clock;
    private readonly FileStream held;
    private readonly Lock coming = new(); // a project that is being removed is not found again
    private readonly ConcurrentDictionary<string, Lazy<Project>> projects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> damage = new(StringComparer.Ordinal);

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

        NewProject.RemoveLeftovers(data);
        foreach (var half in Directory.EnumerateDirectories(root, Gone + "*"))
        {
            Directory.Delete(half, recursive: true); // removed half when the process ended
        }

        Look();
    }

    /// <summary>All projects that can be read, newest first.</summary>
    public IReadOnlyList<Project> All
    {
        get
        {
            Look();
            return [.. projects.Values.Select(Read).OfType<Project>().OrderByDescending(project => project.Created).ThenBy(project => project.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>Why projects cannot be read, a line each; as far as they were looked for.</summary>
    public IEnumerable<string> Damage => damage.Values;

    /// <summary>Projects that were looked at since the start.</summary>
    public IEnumerable<Project> Loaded => projects.Values.Where(project => project.IsValueCreated).Select(project => project.Value);

    /// <summary>Number of projects.</summary>
    public int Count => projects.Count;

    /// <summary>A project; null where there is none of that id, or no more.</summary>
    /// <exception cref="MediaException">Its journal is damaged.</exception>
    public Project? Find(string id)
    {
        if (!ProjectFolder.IsId(id))
        {
            return null;
        }

        if (!File.Exists(new ProjectFolder(root, id).Journal))
        {
            Forget(id);
            return null;
        }

        return projects.TryGetValue(id, out var project) || TryTake(id, out project) ? project.Value : null;
    }

    /// <summary>Makes a project; it is on the disk when this returns.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="by">Name of the token it came with.</param>
    /// <param name="prepare">Fills the folder and gives further edits before anybody sees the project.</param>
    public Project Create(string name, string? by, Func<ProjectFolder, IReadOnlyList<Edit>>? prepare = null)
    {
        var id = NewProject.Make(root, name, by, clock, prepare);
        return projects.GetOrAdd(id, Loading).Value;
    }

    /// <summary>Removes a project with everything in it.</summary>
    public void Delete(string id)
    {
        var gone = new ProjectFolder(root, Gone + id).Root;
        lock (coming)
        {
            if (!projects.TryRemove(id, out var project))
            {
                return;
            }

            project.Value.Dispose();
            Directory.Move(project.Value.Folder.Root, gone);
        }

        Directory.Delete(gone, recursive: true);
    }

    public void Dispose()
    {
        foreach (var project in Loaded)
        {
            project.Dispose();
        }

        held.Dispose();
    }

    private void Look()
    {
        foreach (var id in projects.Keys.Where(id => !File.Exists(new ProjectFolder(root, id).Journal)))
        {
            Forget(id);
        }

        foreach (var name in Directory.EnumerateDirectories(root).Select(folder => Path.GetFileName(folder)).Where(name => ProjectFolder.IsId(name) && !projects.ContainsKey(name)))
        {
            TryTake(name, out _);
        }
    }

    // Its folder was moved away by hand while it was served.
    private void Forget(string id)
    {
        lock (coming)
        {
            if (projects.TryRemove(id, out var project) && project.IsValueCreated)
            {
                project.Value.Dispose();
            }
        }
    }

    private bool TryTake(string id, [NotNullWhen(true)] out Lazy<Project>? project)
    {
        lock (coming)
        {
            project = File.Exists(new ProjectFolder(root, id).Journal) ? projects.GetOrAdd(id, Loading) : null;
            return project is not null;
        }
    }

    private Lazy<Project> Loading(string id) => new(() =>
    {
        try
        {
            damage.TryRemove(id, out _);
            return new(id, new ProjectFolder(root, id), clock);
        }
        catch (MediaException e)
        {
            damage[id] = e.Message;
            throw;
        }
    });

    private static Project? Read(Lazy<Project> project)
    {
        try
        {
            return project.Value;
        }
        catch (MediaException)
        {
            return null; // told of in Damage, and to whoever asks for it
        }
    }
}
