using System.Runtime.InteropServices;
using Xunit;

namespace HqTrack.Tests.Infrastructure;

/// <summary>
/// What the C allocator has given out, libtorch's tensors and buffers among it. Unlike the resident memory it does not move with the collector, with
/// other tests, or with what the allocator keeps for later.
/// </summary>
internal static partial class NativeMemory
{
    /// <summary>Megabytes in use, in arenas and in mappings of their own. Skips the test where the C library is not a glibc that tells.</summary>
    public static double InUseMegabytes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.Load("libc"), "mallinfo2", out _), "only glibc on Linux is asked");
        var info = Info();
        return (info.InArenas + info.InMappings) / (1024.0 * 1024);
    }

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial Mallinfo Info();

    [StructLayout(LayoutKind.Sequential)]
    private struct Mallinfo
    {
        public nuint FromSystem, FreeChunks, FastChunks, Mappings, InMappings, Peak, FreeFast, InArenas, Free, Releasable;
    }
}
