namespace HqTrack.Runtime;

/// <summary>
/// How long libtorch's OpenMP threads wait for more work before they sleep. By default they spin for milliseconds, on cores that whatever else runs, such as the requests of a server,
/// then lacks.
/// </summary>
internal static class OpenMpWaiting
{
    /// <summary>Turns of the waiting loop, some 20 microseconds; libgomp's own default is 300,000.</summary>
    public const string Turns = "1000";

    /// <summary>Shortens the wait on Linux unless the user has set it; to be called before libgomp is loaded, which reads its settings then.</summary>
    public static void Shorten() => NativeEnvironment.SetDefault("GOMP_SPINCOUNT", Turns, "OMP_WAIT_POLICY");
}
