using HqTrack.Tests.Media;
using HqTrack.Web.Remote;

namespace HqTrack.AppTests.Web;

/// <summary>What workers leave on the disk.</summary>
public sealed class RemoteFolderTests
{
    [Fact]
    public void What_a_killed_worker_left_is_removed_and_what_another_uses_is_not()
    {
        using var folder = new TempFolder();
        RemoteFolder.RemoveLeftovers(folder["none"]);
        Assert.False(Directory.Exists(folder["none"]));
        var left = folder.Put($"{Environment.MachineName}-0123/project/session-0", [1]);
        File.WriteAllBytes(folder[$"{Environment.MachineName}-0123.lock"], []);
        var elsewhere = folder.Put("other-machine-0123/session-0", [1]);
        using (var used = new RemoteFolder(folder.Root))
        {
            var file = Path.Combine(used.Path, "session-0");
            File.WriteAllBytes(file, [1]);
            RemoteFolder.RemoveLeftovers(folder.Root);
            Assert.False(File.Exists(left));
            Assert.True(File.Exists(elsewhere));
            Assert.True(File.Exists(file));
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(used.Path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        }

        Assert.Equal([folder["other-machine-0123"]], Directory.GetFileSystemEntries(folder.Root)); // locks are gone too
    }
}
