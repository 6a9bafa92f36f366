using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HqTrack.Runtime;

/// <summary>
/// Keeps freed memory from piling up. glibc's allocator holds on to it, in an arena for every thread that ever came, up to eight a core: as threads
/// come and go, a process whose work needs ever the same memory grows for thousands of frames.
/// </summary>
internal static partial class AllocatorMemory
{
    // What a large model frees between two frames is asked for again in the next one, so that it must not happen often.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private const string ArenasVariable = "MALLOC_ARENA_MAX", ArenasTunable = "glibc.malloc.arena_max";
    private const int ArenasParameter = -8; // M_ARENA_MAX
    private const int Arenas = 2;

    private static long last = Stopwatch.GetTimestamp();

    /// <summary>
    /// Lets later threads share the arenas that are there, or two, unless the user has set their number. To be called early: it changes nothing in a process that has more than
    /// eight already.
    /// </summary>
    public static void LimitArenas()
    {
        var isSet = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ArenasVariable))
            || Environment.GetEnvironmentVariable("GLIBC_TUNABLES")?.Contains(ArenasTunable, StringComparison.Ordinal) == true;
        if (OperatingSystem.IsLinux() && !isSet)
        {
            OnGlibc(() => SetOption(ArenasParameter, Arenas));
        }
    }

    /// <summary>Gives freed memory back to the system where it was not done for half a minute; otherwise it costs nothing. From any thread.</summary>
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
        if (OperatingSystem.IsLinux())
        {
            OnGlibc(() => Trim(0));
        }
    }

    private static void OnGlibc(Func<int> call)
    {
        try
        {
            _ = call();
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, with another allocator.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint kept);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int parameter, int value);
}
