using System.Security.Cryptography;
using HqTrack.Media;

namespace HqTrack.Web.Projects;

/// <summary>
/// Makes projects. One is filled under another name and appears whole, so any process may do so beside the one that serves. While a process makes
/// projects it holds DATA/submit.lock together with others that do; what nobody holds is left over from one that was killed.
/// </summary>
internal static class NewProject
{
    private const string Prefix = ".new-";
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Makes a project; it is on the disk when this returns.</summary>
    /// <param name="root">DATA/projects.</param>
    /// <param name="name">Its name.</param>
    /// <param name="by">Name of the token it came with.</param>
    /// <param name="clock">Says when.</param>
    /// <param name="prepare">Fills the folder and gives further edits before anybody sees the project.</param>
    /// <returns>The project's id.</returns>
    public static string Make(string root, string name, string? by, TimeProvider clock, Func<ProjectFolder, IReadOnlyList<Edit>>? prepare = null)
    {
        var id = RandomNumberGenerator.GetString(Alphabet, 12);
        var folder = new ProjectFolder(root, Prefix + id);
        AtomicFile.CreateFolder(folder.Root);
        try
        {
            var edits = prepare?.Invoke(folder) ?? [];
            var (journal, _) = Journal.Open(folder.Journal);
            var revision = 0;
            foreach (var edit in (Edit[])[new ProjectCreated(name), .. edits])
            {
                journal.Append(new(++revision, clock.GetUtcNow(), by, edit));
            }

            Directory.Move(folder.Root, new ProjectFolder(root, id).Root);
            return id;
        }
        catch
        {
            Directory.Delete(folder.Root, recursive: true);
            throw;
        }
    }

    /// <summary>Holds the data folder for making projects beside the process that serves; the folder is made where it is missing.</summary>
    /// <exception cref="MediaException">It cannot be written.</exception>
    public static IDisposable Hold(string data)
    {
        AtomicFile.CreateFolder(ProjectFolder.RootOf(data));
        var path = Lock(data);
        try
        {
            File.Open(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, e);
        }
    }

    /// <summary>Removes projects that were made half, unless some process is making one.</summary>
    public static void RemoveLeftovers(string data)
    {
        try
        {
            using var alone = new FileStream(Lock(data), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            foreach (var half in Directory.EnumerateDirectories(ProjectFolder.RootOf(data), Prefix + "*"))
            {
                Directory.Delete(half, recursive: true);
            }
        }
        catch (IOException)
        {
            // Held: the next start removes what is left.
        }
    }

    private static string Lock(string data) => Path.Combine(data, "submit.lock");
}
