using System.Runtime.InteropServices;

namespace HqTrack.Runtime;

/// <summary>
/// How long libtorch's OpenMP threads wait for more work before they sleep. By default they spin for milliseconds, on cores that this
/// project's own kernels, which run on .NET's threads between libtorch's operations, then lack.
/// </summary>
internal static partial class OpenMpWaiting
{
    /// <summary>Turns of the waiting loop, some 20 microseconds; libgomp's own default is 300,000.</summary>
    public const string Turns = "1000";

    // What libgomp reads; a user who sets either is obeyed.
    private static readonly string[] Variables = ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"];

    /// <summary>Shortens the wait on Linux; to be called before libgomp is loaded, which reads its settings then.</summary>
    public static void Shorten()
    {
        if (OperatingSystem.IsLinux() && Variables.All(name => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))))
        {
            // .NET's own environment is a copy that native code does not see.
            _ = SetEnvironment(Variables[0], Turns, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
