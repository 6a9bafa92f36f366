using HqTrack.Media;
using HqTrack.Runtime;

namespace HqTrack.Web.Remote;

/// <summary>
/// A folder for one run in the user's cache, which nobody else can read. Beside it lies a file that its process holds locked for as long as the folder is there;
/// so a folder whose file is free belongs to a process that was killed.
/// </summary>
internal sealed class RemoteFolder : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream held;

    /// <summary>Makes one.</summary>
    /// <exception cref="MediaException">The cache cannot be written.</exception>
    public RemoteFolder(string parent)
    {
        AtomicFile.CreateFolder(parent);
        Path = System.IO.Path.Combine(parent, $"{Environment.MachineName}-{Guid.NewGuid():N}");
        try
        {
            held = new(LockOf(Path), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            _ = OperatingSystem.IsWindows() ? Directory.CreateDirectory(Path) : Directory.CreateDirectory(Path, Private);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw AtomicFile.Failure(Path, e);
        }
    }

    /// <summary>Where they are made.</summary>
    public static string Parent => System.IO.Path.Combine(UserCache.Root, "runs");

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Removes what killed processes of this machine left. Those of others that share the cache are not touched: not every file system says what they hold.</summary>
    public static void RemoveLeftovers(string parent)
    {
        if (!Directory.Exists(parent))
        {
            return;
        }

        foreach (var folder in Directory.GetDirectories(parent, $"{Environment.MachineName}-*"))
        {
            try
            {
                using var free = new FileStream(LockOf(folder), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody works there, or removes it too.
            }
        }
    }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        held.Dispose();
    }

    private static string LockOf(string folder) => folder + ".lock";
}
