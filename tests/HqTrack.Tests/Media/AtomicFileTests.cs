using HqTrack.Media;

namespace HqTrack.Tests.Media;

public sealed class AtomicFileTests
{
    [Fact]
    public void ReplacesAFileAndLeavesNothingElse()
    {
        using var folder = new TempFolder();
        AtomicFile.Write(folder["x/y.bin"], [1]);
        AtomicFile.Write(folder["x/y.bin"], [2, 3]);
        Assert.Equal([2, 3], File.ReadAllBytes(folder["x/y.bin"]));
        Assert.Single(Directory.GetFileSystemEntries(folder["x"]));
    }

    [Theory]
    [InlineData(28, "the disk is full; free some space or choose another output folder.")]
    [InlineData(122, "the disk quota is used up; free some space or choose another output folder.")]
    [InlineData(30, "no permission to write in '{0}'; choose another output folder or change its permissions.")]
    [InlineData(5, "broken; check that '{0}' can be a folder and can be written.")]
    public void WhatTheDiskRefusesIsOneLineAndTheOldFileStays(int errno, string reason)
    {
        using var folder = new TempFolder();
        var path = folder.Put("y.bin", [7]);
        var e = Assert.Throws<MediaException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write([1, 2, 3]);
            throw new IOException("broken.", errno);
        }));

        Assert.Equal($"cannot write '{path}': {reason.Replace("{0}", folder.Root, StringComparison.Ordinal)}", e.Message);
        Assert.Equal([7], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void LeftoversOfKilledProcessesGoThoseOfRunningOnesAndOtherFilesStay()
    {
        using var folder = new TempFolder();
        var guid = new string('a', 32);
        folder.Put($".y.bin.{int.MaxValue}.{guid}.tmp", [1]);
        var own = folder.Put($".y.bin.{Environment.ProcessId}.{guid}.tmp", [2]);
        var other = folder.Put(".mine.tmp", [3]);
        AtomicFile.RemoveLeftovers(folder.Root);
        Assert.Equal([other, own], Directory.GetFiles(folder.Root).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AFileInPlaceOfTheFolderIsOneLine()
    {
        using var folder = new TempFolder();
        var file = folder.Put("out", [0]);
        var write = Assert.Throws<MediaException>(() => AtomicFile.Write(Path.Combine(file, "a.png"), [1]));
        Assert.StartsWith($"cannot write '{file}", write.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', write.Message);
        var make = Assert.Throws<MediaException>(() => new MaskSink(file));
        Assert.StartsWith($"cannot write '{file}", make.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AReadOnlyFolderIsOneLine()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "permissions do not bind this user");
        if (OperatingSystem.IsWindows())
        {
            return;     // folders there have access lists instead
        }

        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["ro"]);
        File.SetUnixFileMode(folder["ro"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var e = Assert.Throws<MediaException>(() => AtomicFile.Write(folder["ro/a.png"], [1]));
        Assert.Equal($"cannot write '{folder["ro/a.png"]}': no permission to write in '{folder["ro"]}'; choose another output folder or change its permissions.", e.Message);
    }

    [Fact]
    public void OtherExceptionsPassAndLeaveNothing()
    {
        using var folder = new TempFolder();
        Assert.Throws<OperationCanceledException>(() => AtomicFile.Write(folder["y"], _ => throw new OperationCanceledException()));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }
}
