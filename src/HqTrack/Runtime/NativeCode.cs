using System.Runtime.InteropServices;

namespace HqTrack.Runtime;

/// <summary>
/// Replaces the first instructions of a function of a loaded native library, in this process's memory only; for faults of libtorch and its wrapper that no setting reaches. Linux on x64.
/// </summary>
internal static unsafe partial class NativeCode
{
    /// <summary>Environment variable: set to anything, every native function stays as it was shipped.</summary>
    public const string AsShippedVariable = "HQTRACK_AS_SHIPPED";

    private const int Read = 1, Write = 2, Execute = 4;

    /// <summary>Whether functions may be replaced here.</summary>
    public static bool IsAllowed =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(AsShippedVariable));

    /// <summary>Writes machine code over the start of a function that nobody runs at the moment.</summary>
    /// <param name="library">A loaded library.</param>
    /// <param name="export">The function's symbol.</param>
    /// <param name="code">Instructions that end with a return or a jump; not longer than the function.</param>
    /// <returns>Whether it was done: not where it is not allowed, the symbol is missing or the system forbids it.</returns>
    public static bool Replace(nint library, string export, ReadOnlySpan<byte> code)
    {
        if (!IsAllowed || !NativeLibrary.TryGetExport(library, export, out var function))
        {
            return false;
        }

        var page = (nint)Environment.SystemPageSize;
        var start = function / page * page;
        var length = function + code.Length - start;
        if (Protect(start, length, Read | Write | Execute) != 0)
        {
            return false;
        }

        code.CopyTo(new Span<byte>((void*)function, code.Length));
        return Protect(start, length, Read | Execute) == 0;
    }

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nint length, int protection);
}
