using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HqTrack.Runtime;

/// <summary>
/// Gives memory that was freed back to the system. glibc's allocator keeps it, in an arena for every thread that ever came, up to eight a core: as threads
/// of .NET's pool come and go, a process whose work needs ever the same memory grows for thousands of frames.
/// </summary>
internal static partial class AllocatorMemory
{
    // What a large model frees between two frames is asked for again in the next one, so that it must not happen often.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static long last = Stopwatch.GetTimestamp();

    /// <summary>Does so where it was not done for half a minute; otherwise it costs nothing. From any thread.</summary>
    public static void ReturnNowAndThen()
    {
        var before = Interlocked.Read(ref last);
        if (Stopwatch.GetElapsedTime(before) >= Interval && Interlocked.CompareExchange(ref last, Stopwatch.GetTimestamp(), before) == before)
        {
            Return();
        }
    }

    /// <summary>Gives back every whole page of all arenas that is not in use; some milliseconds. Nothing happens where the C library is not glibc.</summary>
    public static void Return()
    {
        try
        {
            _ = OperatingSystem.IsLinux() ? Trim(0) : 0;
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, with another allocator.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint kept);
}
