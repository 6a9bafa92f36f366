using System.Runtime.InteropServices;

namespace HqTrack.Runtime;

/// <summary>
/// How long glibc's allocator holds on to freed memory: long enough for the next frame, and not for ever. By itself it gives large blocks back at once, to ask for them again in the next
/// frame, and small ones hardly ever, in an arena for every thread that ever came, up to eight a core, so that a process whose work needs ever the same memory grows for thousands of frames.
/// </summary>
internal static partial class AllocatorMemory
{
    // What a large model frees between two frames is asked for again in the next one, so that it must not happen often.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private const int TrimParameter = -1, PaddingParameter = -2, MapsParameter = -4, ArenasParameter = -8; // M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX, M_ARENA_MAX
    private const int Arenas = 2;
    private const int Heap = 64 << 20; // size of the pieces that every arena but the first grows by, HEAP_MAX_SIZE

    private static readonly Timer timer = new(_ =>
    {
        Volatile.Write(ref isDue, false);
        Return();
    });

    private static bool isDue;

    /// <summary>
    /// Lets later threads share the arenas that are there, or two, unless the user has set their number. To be called early: it changes nothing in a process that has more than
    /// eight already.
    /// </summary>
    public static void LimitArenas() => SetUnlessChosen("MALLOC_ARENA_MAX", "arena_max", ArenasParameter, Arenas);

    /// <summary>
    /// Lets what is freed wait in the process for its next use, until it is given back here. Every frame and every training step needs the same memory again; taken from the system anew it
    /// costs a fault and an emptied page for every 4 KiB. What the user has set stays.
    /// </summary>
    public static void KeepForReuse()
    {
        SetUnlessChosen("MALLOC_TRIM_THRESHOLD_", "trim_threshold", TrimParameter, -1); // the first arena is never cut
        SetUnlessChosen("MALLOC_TOP_PAD_", "top_pad", PaddingParameter, Heap);          // nor do the others lose a piece that is empty
        SetUnlessChosen("MALLOC_MMAP_MAX_", "mmap_max", MapsParameter, 0);              // large blocks come from arenas too, up to the size of a piece from any but the first
    }

    /// <summary>
    /// Has freed memory given back to the system in a while, from a thread of the pool, where that is not about to happen already; called after every piece of work, it is now and then
    /// while work goes on, and once after its end. Costs nothing; from any thread.
    /// </summary>
    /// <param name="delay">Null for half a minute.</param>
    public static void ReturnLater(TimeSpan? delay = null)
    {
        if (OperatingSystem.IsLinux() && !Interlocked.Exchange(ref isDue, true))
        {
            timer.Change(delay ?? Interval, Timeout.InfiniteTimeSpan);
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

    private static void SetUnlessChosen(string variable, string tunable, int parameter, int value)
    {
        var isChosen = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable))
            || Environment.GetEnvironmentVariable("GLIBC_TUNABLES")?.Contains($"glibc.malloc.{tunable}=", StringComparison.Ordinal) == true;
        if (OperatingSystem.IsLinux() && !isChosen)
        {
            OnGlibc(() => SetOption(parameter, value));
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
