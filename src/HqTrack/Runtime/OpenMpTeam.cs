using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace HqTrack.Runtime;

/// <summary>
/// Runs work on the threads that libtorch computes on: its OpenMP library's team of the calling thread. Kernels of our own on threads of .NET's pool would want the cores that the
/// team, which waits awake for the next operation, still holds. Linux, with the libgomp that libtorch brings; elsewhere there is no team.
/// </summary>
internal static unsafe class OpenMpTeam
{
    private const string Entry = "GOMP_parallel"; // void (*function)(void*), void* data, unsigned threads, unsigned flags

    private static delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> parallel;

    /// <summary>Whether there is a team.</summary>
    public static bool IsAvailable => parallel is not null;

    /// <summary>Takes the entry of a loaded libgomp.</summary>
    public static void Use(nint libGomp)
    {
        if (NativeLibrary.TryGetExport(libGomp, Entry, out var address))
        {
            parallel = (delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)address;
        }
    }

    /// <summary>Runs an action once on each of a number of threads, the calling one among them; returns when all are done. The first exception is thrown again.</summary>
    /// <param name="threads">As many as libtorch uses: a team of another size is started anew.</param>
    /// <param name="action">What each does; it must not call libtorch.</param>
    public static void Run(int threads, Action action)
    {
        var work = new Work(action);
        var handle = GCHandle.Alloc(work);
        try
        {
            parallel(&RunMember, (void*)GCHandle.ToIntPtr(handle), (uint)threads, 0);
        }
        finally
        {
            handle.Free();
        }

        work.Failure?.Throw();
    }

    [UnmanagedCallersOnly]
    private static void RunMember(void* data)
    {
        var work = (Work)GCHandle.FromIntPtr((nint)data).Target!;
        try
        {
            work.Action();
        }
        catch (Exception e)
        {
            work.Fail(e); // must not pass through native frames
        }
    }

    private sealed class Work(Action action)
    {
        public Action Action => action;

        private ExceptionDispatchInfo? failure;

        public ExceptionDispatchInfo? Failure => failure;

        public void Fail(Exception e) => Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
    }
}
